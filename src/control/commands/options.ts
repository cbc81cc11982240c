/** Reads the command line of a command. */
import { UsageError } from "../../base/errors.ts";
import { didYouMean } from "../../base/nearest.ts";
import { Refusal } from "../../base/refusal.ts";
import { parseDuration } from "../../config/values/scalars.ts";
import type { Setting } from "../../config/values/setting.ts";
import { LEVELS } from "../../log/event.ts";
import type { Level } from "../../log/event.ts";
import { ALONE, COMMANDS, VALUED } from "./words.ts";

/** What was asked for. */
export interface Order {
  readonly command: string;
  /** What follows it. */
  readonly words: readonly string[];
  readonly socket?: string;
  readonly pidfile?: string;
  readonly pid?: number;
  readonly json: boolean;
  readonly wait: boolean;
  /** Undefined to wait as long as it takes. */
  readonly timeoutMs?: number;
  readonly follow: boolean;
  readonly quick: boolean;
  /** True to tell what follows the path of a request. */
  readonly query: boolean;
  readonly level?: Level;
  /** How long the first worker of a reload is judged, in seconds. */
  readonly canary?: number;
  /** How long a profile takes. */
  readonly seconds?: number;
  /** Which thread of a worker is recorded. */
  readonly thread?: number;
  /** Where a recording is to be. */
  readonly output?: string;
  /** Where the dashboard is served. */
  readonly port?: number;
  /** True to open a browser. */
  readonly open: boolean;
  /** True to replace a worker before its heap is written down. */
  readonly drain: boolean;
  readonly help: boolean;
}

const ORDERS = [
  "reload",
  "stop",
  "scale",
  "restart",
  "drain",
  "kill",
  "reopen",
  "upgrade",
  "stack",
  "profile",
  "heap",
];

/** The commands that a flag is for; all where it is not listed. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  "--follow": ["logs", "events"],
  "--level": ["logs"],
  "--canary": ["reload"],
  "--quick": ["stop"],
  "--query": ["requests"],
  "--no-wait": ORDERS,
  "--timeout": ORDERS,
  "--seconds": ["profile"],
  "--thread": ["profile", "heap"],
  "--output": ["profile", "heap"],
  "--port": ["dashboard"],
  "--no-open": ["dashboard"],
  "--drain": ["heap"],
};

const LONG: Readonly<Record<string, string>> = {
  "-s": "--socket",
  // As the corn that is asked was started.
  "--control": "--socket",
  "-p": "--pidfile",
  "-f": "--follow",
  "-h": "--help",
  "-o": "--output",
};

const FLAGS = [...VALUED, ...ALONE, "--help"].filter((flag) =>
  !Object.hasOwn(LONG, flag)
);

/** @throws UsageError */
export function readOrder(args: readonly string[]): Order {
  const words: string[] = [];
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    // `scale -1` takes a number.
    if (!arg.startsWith("-") || /^-\d+$/.test(arg)) {
      words.push(arg);
      continue;
    }
    const sign = arg.indexOf("=");
    const short = sign === -1 ? arg : arg.slice(0, sign);
    const flag = LONG[short] ?? short;
    if (!FLAGS.includes(flag)) {
      throw new UsageError(
        `Cannot use flag "${arg}": no such flag of a command${
          didYouMean(flag, FLAGS)
        }`,
      );
    }
    if (!VALUED.has(flag)) {
      if (short !== arg) {
        throw new UsageError(`Cannot use flag "${arg}": it takes no value`);
      }
      given.set(flag, "");
      continue;
    }
    const value = short === arg ? args[++at] : arg.slice(sign + 1);
    if (value === undefined || value === "") {
      throw new UsageError(`Cannot use flag "${arg}": it needs a value`);
    }
    given.set(flag, value);
  }
  const [command = "", ...rest] = words;
  for (const flag of given.keys()) {
    const only = ONLY[flag];
    if (only === undefined || only.includes(command)) continue;
    throw new UsageError(
      `Cannot use flag "${flag}" with ${command}: it is for ${only.join(", ")}`,
    );
  }
  if (!given.has("--help")) checkWords(command, rest);
  const named = ["--socket", "--pidfile", "--pid"].filter((flag) =>
    given.has(flag)
  );
  if (named.length > 1) {
    throw new UsageError(`Cannot use ${named.join(" and ")} together`);
  }
  return {
    command,
    words: rest,
    json: given.has("--json"),
    wait: !given.has("--no-wait"),
    follow: given.has("--follow"),
    quick: given.has("--quick"),
    open: !given.has("--no-open"),
    query: given.has("--query"),
    drain: given.has("--drain"),
    help: given.has("--help"),
    ...valuesOf(given),
  };
}

function valuesOf(given: ReadonlyMap<string, string>) {
  const socket = given.get("--socket");
  const pidfile = given.get("--pidfile");
  const pid = given.get("--pid");
  const timeout = given.get("--timeout");
  const level = given.get("--level");
  const canary = given.get("--canary");
  const seconds = given.get("--seconds");
  const thread = given.get("--thread");
  const output = given.get("--output");
  const port = given.get("--port");
  return {
    ...socket !== undefined && { socket },
    ...pidfile !== undefined && { pidfile },
    ...pid !== undefined && { pid: readPid(pid) },
    ...timeout !== undefined &&
      { timeoutMs: readSeconds("--timeout", timeout) * 1000 },
    ...level !== undefined && { level: readLevel(level) },
    ...canary !== undefined && { canary: readSeconds("--canary", canary) },
    ...seconds !== undefined && { seconds: readSeconds("--seconds", seconds) },
    ...thread !== undefined && { thread: readThread(thread) },
    ...output !== undefined && { output },
    ...port !== undefined && { port: readPort(port) },
  };
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text);
  throw new UsageError(`Cannot use --port "${text}": give a port`);
}

function readThread(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot use --thread "${text}": give a number from 1 on`,
  );
}

function readPid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use --pid "${text}": give a process id`);
}

function readSeconds(flag: string, text: string): number {
  try {
    return parseDuration(text, {} as Setting);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new UsageError(`Cannot use ${flag} "${text}": ${error.message}`);
  }
}

function readLevel(text: string): Level {
  if (LEVELS.includes(text as Level)) return text as Level;
  throw new UsageError(
    `Cannot use --level "${text}": give one of ${LEVELS.join(", ")}`,
  );
}

/** What a command may be followed by. */
const TAKES: Readonly<Record<string, RegExp>> = {
  status: /^(?:[1-9]\d*)?$/,
  logs: /^(?:[1-9]\d*)?$/,
  scale: /^(?:[-+]?\d+|auto)$/,
  restart: /^(?:[1-9]\d*|all)$/,
  drain: /^[1-9]\d*$/,
  kill: /^[1-9]\d*$/,
  stack: /^[1-9]\d*$/,
  profile: /^[1-9]\d*$/,
  heap: /^[1-9]\d*$/,
};

function checkWords(command: string, words: readonly string[]): void {
  const shape = TAKES[command] ?? /^$/;
  if (words.length <= 1 && shape.test(words[0] ?? "")) return;
  const { takes = "" } = COMMANDS[command] ?? {};
  const file = words.some((word) => /[./]/.test(word))
    ? `; an app called so is ./${command}`
    : "";
  throw new UsageError(
    `Cannot use "corn ${[command, ...words].join(" ")}": it is corn ${
      [command, takes].join(" ").trim()
    }${takes.includes("W") ? ", W is a worker's number" : ""}${file}`,
  );
}
