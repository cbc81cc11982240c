/** The app's side of task pools. */
import { Call } from "./call.ts";
import type { CallPlace } from "./call.ts";
import { Connections } from "./connections.ts";
import { callOverSocket } from "./over-socket.ts";
import { Pace } from "./pace.ts";
import { callInProcess } from "./in-process.ts";
import type { TaskMachine } from "../runtime/task-machine.ts";
import { POOL_VARIABLE, POOLS_VARIABLE } from "./messages.ts";
import type { PoolFacts } from "./messages.ts";
import { isTaskName } from "./types.ts";
import type { CallOptions, TaskClient } from "./types.ts";

/** Gives the module of a pool, where corn does not run. */
export type LoadModule<Module> = () => Promise<Module>;

/** A client for a pool; `load` gives its module where corn does not run. */
export function createClient<Module>(
  pool: string,
  machine: TaskMachine,
  load?: LoadModule<Module>,
): TaskClient<Module> {
  const place = findPlace(pool, machine, load);
  const calls = (options: CallOptions) =>
    new Proxy({} as Record<string, unknown>, {
      get(known, name) {
        // What is awaited or printed is no task.
        if (typeof name !== "string" || !isTaskName(name)) {
          return Reflect.get(Object.prototype, name);
        }
        return known[name] ??= (...args: unknown[]) =>
          new Call({ pool, task: name, args }, options, place);
      },
    });
  const plain = calls({});
  const checked = (options: CallOptions) => {
    demandTimeout(options);
    return calls(options);
  };
  return new Proxy(plain, {
    get: (_, name) => name === "with" ? checked : Reflect.get(plain, name),
  }) as unknown as TaskClient<Module>;
}

/** @throws RangeError for what is no time, with which a call would end at once */
function demandTimeout({ timeout }: CallOptions): void {
  if (timeout === undefined) return;
  if (typeof timeout === "number" && timeout >= 0) return;
  throw new RangeError(
    `Cannot call tasks with timeout ${
      typeof timeout === "string" ? `"${timeout}"` : String(timeout)
    }: give milliseconds`,
  );
}

function findPlace<Module>(
  pool: string,
  machine: TaskMachine,
  load: LoadModule<Module> | undefined,
): CallPlace {
  const text = machine.env(POOLS_VARIABLE);
  const { clock } = machine;
  if (text === undefined) {
    let module: Promise<Readonly<Record<string, unknown>>> | undefined;
    const find = load as unknown as LoadModule<Record<string, unknown>> ??
      (() => machine.findModule(pool));
    return {
      clock,
      begin: (request, events) =>
        callInProcess(module ??= find(), request, events),
    };
  }
  const pools = JSON.parse(text) as Record<string, PoolFacts>;
  const facts = Object.hasOwn(pools, pool) ? pools[pool] : undefined;
  if (facts === undefined) {
    const known = Object.keys(pools).join(", ");
    throw new RangeError(
      `Cannot call tasks of "${pool}": the config has no such pool${
        known === "" ? "" : `, only ${known}`
      }`,
    );
  }
  if (machine.env(POOL_VARIABLE) === pool) {
    const refusal = new RangeError(
      `Cannot call tasks of "${pool}" from a task of the same pool: as many as it has processes would wait for themselves; call the function itself`,
    );
    return {
      clock,
      begin: () => {
        throw refusal;
      },
    };
  }
  const { path, most } = facts;
  const connections = new Connections(path, machine);
  const pace = new Pace(clock);
  const access = { connections, clock, pace, most, waiting: 0 };
  return {
    clock,
    begin: (request, events) => callOverSocket(access, request, events),
  };
}
