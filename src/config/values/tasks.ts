/** Pools of tasks, as a config file gives them. */
import { didYouMean } from "../../base/nearest.ts";
import { Refusal } from "../../base/refusal.ts";
import { parsePairs } from "./lists.ts";
import {
  LEAST_MEMORY,
  parseChoice,
  parseCount,
  parseDuration,
  parsePath,
  parseSize,
  parseString,
} from "./scalars.ts";
import type { Setting } from "./setting.ts";
import type { InputMap } from "./type-map.ts";

/** A pool of processes that run tasks. */
export interface TaskPool {
  readonly name: string;
  /** The module whose exports are the tasks. */
  readonly module: string;
  readonly workers: number;
  /** Seconds that a task may run; 0 for any time. */
  readonly timeout: number;
  /** Calls that may wait. */
  readonly maxQueue: number;
  /** Calls after which a process is replaced; 0 for never. */
  readonly maxTasks: number;
  /** Bytes of resident memory beyond which a process is replaced; 0 for any. */
  readonly maxMemory: number;
  /** How much others go first for the processor, see nice(1): 0 to 19. */
  readonly nice: number;
  /** Left out for the workers' own. */
  readonly runtime?: "node" | "bun" | "deno";
  readonly user?: string;
  readonly group?: string;
  /** Variables besides those of the workers. */
  readonly env: Readonly<Record<string, string>>;
}

/** A pool as a config file writes it: all, or its module alone. */
export type TaskPoolInput = string | {
  /** The module whose exports are the tasks, from the working folder on. */
  readonly module: string;
  /** Processes, each with one task at a time; 1 unless given. */
  readonly workers?: InputMap["count"];
  /** How long a task may run; 60 s unless given, and 0 for any time. */
  readonly timeout?: InputMap["duration"];
  /** Calls that may wait; 100 unless given. */
  readonly maxQueue?: InputMap["count"];
  /** Calls after which a process is replaced; 0 for never, as it is unless given. */
  readonly maxTasks?: InputMap["count"];
  /** Resident memory, such as `512m`, beyond which a process is replaced. */
  readonly maxMemory?: InputMap["size"];
  /** How much others go first for the processor, up to 19, see nice(1); 0 unless given. */
  readonly nice?: InputMap["count"];
  /** What it runs on, where that is not what the workers do. */
  readonly runtime?: "node" | "bun" | "deno";
  /** The user that its processes run as, where that is not the workers'. */
  readonly user?: string;
  /** The group. */
  readonly group?: string;
  /** Variables besides those of the workers. */
  readonly env?: InputMap["pairs"];
};

const NAME = /^[a-z][\w-]{0,31}$/i;

type Reader = (value: unknown, setting: Setting) => unknown;

/** How each member is read, and what it is where it is left out. */
const MEMBERS: Readonly<
  Record<
    Exclude<keyof TaskPool, "name">,
    { read: Reader; setting?: Partial<Setting>; otherwise?: unknown }
  >
> = {
  module: { read: parsePath },
  workers: { read: parseCount, setting: { min: 1, max: 1024 }, otherwise: 1 },
  timeout: { read: parseDuration, otherwise: 60 },
  maxQueue: {
    read: parseCount,
    // What somaxconn is on Linux.
    setting: { min: 1, max: 4096 },
    otherwise: 100,
  },
  maxTasks: { read: parseCount, otherwise: 0 },
  maxMemory: {
    read: parseSize,
    setting: { min: LEAST_MEMORY },
    otherwise: 0,
  },
  nice: { read: parseCount, setting: { max: 19 }, otherwise: 0 },
  runtime: {
    read: parseChoice,
    setting: { choices: ["node", "bun", "deno"] },
  },
  user: { read: parseString },
  group: { read: parseString },
  env: { read: parsePairs, otherwise: {} },
};

/** Reads the pools of a config. @throws Refusal */
export function parseTaskPools(value: unknown): readonly TaskPool[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(
      'give an object, such as { images: { module: "tasks/images.ts" } }',
    );
  }
  return Object.entries(value).map(([name, pool]) => parsePool(name, pool));
}

function parsePool(name: string, value: unknown): TaskPool {
  if (!NAME.test(name)) {
    throw new Refusal(
      "a pool's name has at most 32 letters, digits, - and _, and begins with a letter",
      name,
    );
  }
  const given = typeof value === "string" ? { module: value } : value;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new Refusal(`give "${name}" a module, or an object with one`);
  }
  for (const member of Object.keys(given)) {
    if (Object.hasOwn(MEMBERS, member)) continue;
    throw new Refusal(
      `"${name}" has no such member${didYouMean(member, Object.keys(MEMBERS))}`,
      member,
    );
  }
  const pool: Record<string, unknown> = { name };
  for (
    const [member, { read, setting, otherwise }] of Object.entries(MEMBERS)
  ) {
    const one = (given as Record<string, unknown>)[member] ?? otherwise;
    if (one === undefined) {
      if (member === "module") {
        throw new Refusal(`give "${name}" a module`);
      }
      continue;
    }
    try {
      pool[member] = read(one, {
        section: "Tasks",
        type: "string",
        default: undefined,
        meaning: member,
        ...setting,
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(
        `${member} of "${name}": ${error.message}`,
        error.part ?? String(one),
      );
    }
  }
  return pool as unknown as TaskPool;
}

/** As a line tells it. */
export function formatTaskPool({ module, workers }: TaskPool): string {
  return `${module} × ${workers}`;
}
