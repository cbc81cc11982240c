/** Child processes, by `node:child_process` on all three runtimes. */
import type {
  ChildProcess as NodeChild,
  StdioOptions,
} from "node:child_process";
import process from "node:process";
import { openPipe } from "./channel.ts";
import type { NewChannel } from "./channel.ts";
import { files } from "../machine/machine.ts";
import { signals } from "../machine/process-events.ts";
import { outputOf, releaseOutput, watchOutput } from "./output.ts";
import type { ChildOutput } from "./output.ts";
import { openByFs } from "../output/standard.ts";
import type { OutputWays } from "../output/standard.ts";
import type {
  ChildExit,
  ChildProcess,
  SpawnOptions,
} from "../../../src/runtime/runtime.ts";
import { setImmediate, setTimeout } from "../originals/originals.ts";
import { microtask } from "../../../src/base/promise.ts";

/** How long the last messages of an ended child may take. */
const CHANNEL_GRACE_MS = 200;

/** When the end of a child that has closed its channel is sought, again and again. */
const LOST_MS = 1000;

/** Behind standard input, output, error and the channel. */
export const FIRST_INHERITED = 4;

/** Pids of the children that have not been reported as ended. */
export const children: Set<number> = new Set();

/** How a runtime starts processes in another way than the others. */
export interface SpawnWays {
  /** The numbers of what the child gets, where they do not follow from stdio. */
  readonly descriptors?: readonly number[];
  /** How the child gets its channel. */
  openChannel?(): NewChannel;
  /** Waits for a child whose end the runtime may have lost; undefined while it runs. */
  collect?(pid: number): ChildExit | undefined;
  /** How what it prints to is opened anew. */
  readonly output?: Pick<OutputWays, "open">;
}

/** Starts a process. */
export function spawn(options: SpawnOptions, ways?: SpawnWays): ChildProcess {
  return orFailed(options, () => begin(options, ways ?? {}));
}

/** A child that could not be started, where starting it throws. */
export function orFailed(
  options: SpawnOptions,
  start: () => ChildProcess,
): ChildProcess {
  try {
    return start();
  } catch (error) {
    return failed(options, error as Error);
  }
}

function failed(options: SpawnOptions, error: Error): ChildProcess {
  microtask(() => options.onExit({ error: explain(error, options) }));
  return {
    pid: undefined,
    descriptors: [],
    send: () => false,
    kill: () => false,
  };
}

function begin(options: SpawnOptions, ways: SpawnWays): ChildProcess {
  const { descriptors = numbered(options), openChannel = openPipe } = ways;
  const { output: reopen = { open: openByFs } } = ways;
  const newChannel = openChannel();
  const env = {
    ...options.env,
    ...options.numbersEnv?.(descriptors),
    ...newChannel.env,
  };
  const child = start({ ...options, env }, newChannel.stdio, reopen);
  if (child instanceof Error) {
    newChannel.cancel();
    return failed(options, child);
  }
  const { pid } = child;
  if (pid !== undefined) children.add(pid);
  let ended = false;
  let exited = false;
  const output = watchOutput(child, options);
  const end: SpawnOptions["onExit"] = (exit) => {
    if (ended) return;
    ended = true;
    if (pid !== undefined) children.delete(pid);
    releaseOutput(child);
    channel.release();
    options.onExit(exit);
  };
  const channel = newChannel.attach(child, {
    onMessage(message) {
      if (!ended) options.onMessage(message);
    },
    onOverlong() {
      if (!ended) options.onOverlong?.();
    },
  });
  child.on("error", (error) => {
    if (pid === undefined) end({ error: explain(error, options) });
  });
  // "exit" may come before the last messages have been read, and "close" never
  // comes while a grandchild holds the channel: so channel and output get a moment.
  child.on("exit", (code, signal) => {
    exited = true;
    const exit = { code: code ?? undefined, signal: signal ?? undefined };
    const disconnected = channel.connected
      ? new Promise<void>((resolve) => channel.onceClosed(resolve))
      : undefined;
    void Promise.all([disconnected, output]).then(() =>
      setImmediate(end, exit)
    );
    // After a stall the timer comes first: what has arrived is read before it counts.
    setTimeout(() => setImmediate(end, exit), CHANNEL_GRACE_MS);
  });
  const { collect } = ways;
  const seek = () => {
    if (pid === undefined || collect === undefined || exited || ended) return;
    const exit = collect(pid);
    if (exit === undefined) setTimeout(seek, LOST_MS).unref();
    else end(exit);
  };
  if (collect !== undefined) {
    channel.onceClosed(() => void setTimeout(seek, LOST_MS).unref());
  }
  return {
    pid,
    descriptors,
    send: (message) => channel.send(message),
    // Deno's child.kill() takes a child that was sent a signal for dead: it
    // sends no other and closes the channel, so that the child's last words are
    // lost (2.9.5, DENO-CHILD-KILL).
    kill: (signal) => pid !== undefined && !exited && signals.send(pid, signal),
  };
}

/** Says what is not there: the runtimes name the program alone, whatever it was. */
function explain(
  error: Error,
  { executable, cwd, identity }: SpawnOptions,
): Error {
  const { code = "" } = error as { code?: string };
  // Deno says EPERM of a folder that may not be entered (2.9.5,
  // DENO-SPAWN-EPERM).
  if (identity?.uid && ["EACCES", "EPERM"].includes(code)) {
    return new Error(
      `user ${identity.uid} may not run ${executable} in ${cwd}`,
      { cause: error },
    );
  }
  if ((error as { code?: string }).code !== "ENOENT") return error;
  const missing = files.kind(cwd) !== "folder"
    ? `its working folder ${cwd} is not there`
    : executable.includes("/") && files.kind(executable) === undefined
    ? `there is no ${executable}`
    : error.message;
  return new Error(missing, { cause: error });
}

/** The numbers that what is handed over by stdio gets. */
function numbered({ descriptors }: SpawnOptions): readonly number[] {
  return descriptors.map((_, index) => FIRST_INHERITED + index);
}

function start(
  options: SpawnOptions,
  channel: NewChannel["stdio"],
  ways: Pick<OutputWays, "open">,
): NodeChild | Error {
  const { executable, args, env, cwd, descriptors, input = false } = options;
  const { detached = false, identity } = options;
  let output: ChildOutput | undefined;
  try {
    output = outputOf(options, ways);
    const stdio: StdioOptions = [
      input ? "inherit" : "ignore",
      ...output.stdio,
      ...channel,
      ...descriptors,
    ];
    // Not imported: a worker starts none.
    const { spawn } = process.getBuiltinModule("node:child_process");
    return spawn(executable, [...args], {
      env: { ...env },
      cwd,
      stdio,
      detached,
      ...(identity?.uid !== undefined && { uid: identity.uid }),
      ...(identity !== undefined && { gid: identity.gid }),
    });
  } catch (error) {
    return error as Error;
  } finally {
    output?.release();
  }
}
