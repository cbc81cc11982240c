/** corn as a real process. */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { cleanEnvironment, root } from "../../../scripts/tools.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";
import { commandFor, runtimeName } from "./command.ts";
import {
  childrenOf,
  countDescriptors,
  signalIfAlive,
} from "../machine/proc.ts";
import { PATIENCE_MS, until, untilNews, within } from "../wait.ts";

/** What to start. */
export interface ServerOptions {
  /** The app, as on the command line; undefined for none. */
  readonly app?: string | undefined;
  /** Flags. */
  readonly args?: readonly string[];
  /** False to leave out the flags that tests start with: a free port, and a short keep-alive time. */
  readonly defaults?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The arbiter's runtime: the test's own unless given. */
  readonly runtime?: RuntimeName;
  /** Flags of the arbiter's runtime. */
  readonly runtimeFlags?: readonly string[];
  /** What the arbiter may do on Deno; all unless given. */
  readonly permissions?: readonly string[];
  /** A script to start instead of corn's module. */
  readonly script?: string;
  /** A command that starts what follows, as in `setpriv --reuid=65534`. */
  readonly wrapper?: readonly string[];
  /** What to write to its standard input, which stays open; without, it is /dev/null. */
  readonly input?: boolean;
  /** The file that its log goes to, where the flags say so; without, standard error. */
  readonly logFile?: string;
  /** How many addresses it says that it listens at; one unless given. */
  readonly addresses?: number;
  /** Milliseconds it may take to serve. */
  readonly deadlineMs?: number;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A started command. */
export interface Command {
  readonly pid: number;
  /** Resolves when it has ended and everything it wrote was read. */
  readonly ended: Promise<Ending>;
  /** How it ended, or undefined while it runs. */
  ending(): Ending | undefined;
  /** What it wrote to standard error, or to its log file. */
  log(): string;
  /** What it wrote to standard error. */
  errors(): string;
  /** What it wrote to standard output. */
  output(): string;
  write(input: string): void;
  signal(name: NodeJS.Signals): void;
  /** Waits until the log from the offset on matches. @throws when it ends or `ms` pass before that. */
  waitForLog(
    pattern: RegExp,
    options?: { ms?: number; from?: number },
  ): Promise<RegExpExecArray>;
}

/** A corn that serves. */
export interface Server extends Command {
  /** The first address that is served over TCP, or "". */
  readonly url: string;
  readonly port: number;
  /** Every TCP port that is served. */
  readonly ports: readonly number[];
  /** Pids of the arbiter's children. */
  workers(): number[];
  /** The arbiter's descriptors. */
  descriptors(): number;
  /** Sends a signal, unless it has ended, and waits for the end. */
  stop(name?: NodeJS.Signals, ms?: number): Promise<Ending>;
}

/** The environment corn is started in: nothing of the tests' own, and the mark that finds every process again. */
function environment(
  added: ServerOptions["env"] = {},
  mark: string,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...cleanEnvironment(), TEST_MARK: mark };
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** A suite is run again for the wire engine by a file that sets this first. */
const engineFlags = process.env.TEST_HTTP === undefined
  ? []
  : ["--http", process.env.TEST_HTTP];

/** So much of what was read is compared: a file that was cut may have grown as long since. */
const COMPARED = 512;

/** Gives what a file has; each time it reads what came since alone, and all of it where it is another or was cut. */
function follow(path: string): () => string {
  const fresh = (inode = 0) => ({
    ...{ text: "", size: 0, inode, decoder: new TextDecoder() },
    last: new Uint8Array(0),
  });
  let read = fresh();
  return () => {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
    try {
      const { ino: inode, size } = fstatSync(file);
      const piece = (from: number, to: number) => {
        const room = new Uint8Array(Math.max(0, to - from));
        const count = readSync(file, room, 0, room.length, from);
        return room.subarray(0, count);
      };
      const { last } = read;
      const isSame = inode === read.inode && size >= read.size &&
        isEqual(piece(read.size - last.length, read.size), last);
      if (!isSame) read = fresh(inode);
      const bytes = piece(read.size, size);
      read.size += bytes.length;
      read.text += read.decoder.decode(bytes, { stream: true });
      read.last = piece(Math.max(0, read.size - COMPARED), read.size);
      return read.text;
    } finally {
      closeSync(file);
    }
  };
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}

/** Starts a command of corn; its processes carry `TEST_MARK=mark` in their environment. */
export function startCommand(options: ServerOptions, mark: string): Command {
  const { args = [], app, wrapper = [], script = "mod.ts" } = options;
  const defaults = options.defaults ?? script === "mod.ts"
    ? ["-b", "127.0.0.1:0", "--keep-alive", "1", ...engineFlags]
    : [];
  const [program, ...rest] = [
    ...wrapper,
    ...commandFor(
      options.runtime ?? runtimeName,
      script,
      options.runtimeFlags,
    ).flatMap((word) => word === "-A" ? options.permissions ?? word : word),
    ...(args.some((arg) => arg === "-b") ? defaults.slice(2) : defaults),
    ...args,
    ...(app === undefined ? [] : [app]),
  ] as [string, ...string[]];
  const child = spawn(program, rest, {
    cwd: options.cwd ?? root,
    env: environment(options.env, mark),
    stdio: [options.input ? "pipe" : "ignore", "pipe", "pipe"],
    // A terminal's Ctrl-C on the tests is none on corn.
    detached: true,
  });
  let errors = "";
  const { logFile } = options;
  const log = logFile === undefined ? () => errors : follow(logFile);
  let output = "";
  let ending: Ending | undefined;
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    errors += text;
    tell();
  });
  child.stdout?.setEncoding("utf8").on("data", (text) => output += text);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      // Whoever inherited the pipes may hold "close" back: the rest gets a moment.
      const end = () => {
        resolve(ending = { code, signal });
        tell();
      };
      child.once("close", end);
      setTimeout(end, 300);
    });
  });
  ended.catch(() => {});
  const command: Command = {
    pid: child.pid ?? 0,
    ended,
    ending: () => ending,
    log,
    errors: () => errors,
    output: () => output,
    write: (input) => void child.stdin?.write(input),
    signal: (name) => void process.kill(command.pid, name),
    async waitForLog(pattern, { ms = PATIENCE_MS, from = 0 } = {}) {
      const what = `${pattern} in the log`;
      const ask = () => pattern.exec(log().slice(from)) ?? ending;
      const found = logFile === undefined
        ? await untilNews(what, ask, { news: () => news.promise, ms })
        : await until(what, ask, ms);
      if (Array.isArray(found)) return found as RegExpExecArray;
      const late = pattern.exec(log().slice(from));
      if (late !== null) return late;
      throw new Error(`Waited in vain: ${pattern}, the process ended first`);
    },
  };
  return command;
}

/** Starts corn, adds it to `started` and waits until every worker is ready. @throws when it ends first or the deadline passes. */
export async function startServer(
  options: ServerOptions,
  mark: string,
  started: Command[],
): Promise<Server> {
  const command = startCommand(options, mark);
  started.push(command);
  const ms = options.deadlineMs ?? PATIENCE_MS;
  const [, count] = await command.waitForLog(/ starts (\d+) worker/, { ms });
  const ready = new RegExp(`(Worker \\d+ [^\\n]* ready in [^]*){${count}}`);
  await command.waitForLog(ready, { ms });
  const all = `(Listening at .*\\n[^]*?){${options.addresses ?? 1}}`;
  await command.waitForLog(new RegExp(all), { ms });
  const urls = [...command.log().matchAll(/Listening at (https?:[^\s"]+)/g)]
    .map((
      one,
    ) => one[1] as string);
  const ports = urls.map((one) => Number(new URL(one).port));
  const [, text = command.pid] =
    /\[(\d+)\] \[INFO\] corn/.exec(command.log()) ?? [];
  const pid = Number(text);
  // In a namespace of its own the arbiter is 1, which is somebody else here.
  if (!(pid > 1)) throw new Error(`Cannot signal pid ${pid} from here`);
  return {
    ...command,
    url: urls[0] ?? "",
    port: ports[0] ?? 0,
    ports,
    pid,
    signal: (name) => void process.kill(pid, name),
    workers: () => childrenOf(pid),
    descriptors: () => countDescriptors(pid),
    async stop(name = "SIGTERM", ms = 30_000) {
      signalIfAlive(pid, name);
      return await within(`the end after ${name}`, command.ended, ms);
    },
  };
}
