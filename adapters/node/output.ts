/** Standard output and standard error on Node, which calls no libc. */
import { closeSync, constants, fstatSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import type { Closeable } from "../../src/runtime/runtime.ts";
import { openByFs } from "../shared/output/standard.ts";
import type { OutputWays } from "../shared/output/standard.ts";
import { writeByFs } from "../shared/output/outflow.ts";

/** The part of libuv's stream that corn uses. */
interface Handle {
  setBlocking?(on: boolean): void;
}

export const outputWays: OutputWays = {
  open: openByFs,
  write: writeByFs,
  watchReader,
  writeShared(descriptor, bytes, kind) {
    if (kind === "terminal") return writeToTerminal(descriptor, bytes);
    // NODE-SHARED-NONBLOCK: libuv takes O_NONBLOCK from what a child inherits,
    // and a Node that exits gives its output the flags back that it had: so it
    // is set each time.
    handleOf(descriptor)?.setBlocking?.(false);
    return writeByFs(descriptor, bytes);
  },
};

/** The part of libuv's TCP handle that corn uses. */
interface TcpHandle {
  onread?: () => void;
  open(descriptor: number): number;
  readStart(): number;
  unref(): void;
  close(): void;
}

/**
 * Node tells of a pipe's reader at a write alone (24.21, NODE-READER-LEAVES).
 * libuv waits for the end of a pipe that is read, and of a socket either way: a
 * socket's handle takes a pipe too, and hears of the reader's end as of an error.
 */
function watchReader(descriptor: number, run: () => void): Closeable {
  let handle: TcpHandle | undefined;
  const close = () => {
    handle?.close();
    handle = undefined;
  };
  try {
    // A description of its own, since this makes it non-blocking.
    const own = openByFs(`/proc/self/fd/${descriptor}`, WRITING);
    handle = createTcpHandle();
    handle.onread = () => {
      close();
      run();
    };
    if (handle.open(own) !== 0) closeSync(own);
    else {
      handle.unref();
      handle.readStart();
    }
  } catch {
    // No /proc, or another Node: the next write tells.
    close();
  }
  return { close };
}

const WRITING = constants.O_WRONLY | constants.O_NONBLOCK;

/** One that nothing is connected to. @throws where this Node has none */
function createTcpHandle(): TcpHandle {
  const socket = new Socket();
  // The handle is there at once, and the connection is not begun before the next turn.
  socket.connect(1, "127.0.0.1");
  const { _handle } = socket as unknown as {
    _handle: { constructor: new (type: number) => TcpHandle };
  };
  const Handle = _handle.constructor;
  socket.destroy();
  return new Handle(0);
}

/** O_NONBLOCK is taken back at once: a shell may read from what this shares. */
function writeToTerminal(descriptor: number, bytes: Uint8Array): number {
  // On macOS, where nothing can be opened anew, it is the user's own shell.
  const handle = process.platform === "linux"
    ? handleOf(descriptor)
    : undefined;
  handle?.setBlocking?.(false);
  try {
    return writeByFs(descriptor, bytes);
  } finally {
    handle?.setBlocking?.(true);
  }
}

/** What `process.exit()` ends in, after all that listens to "exit". */
interface Exiting {
  reallyExit(code?: number): never;
}

/**
 * Lets this process end without giving a socket on its standard output or error
 * the flags back that it had at the start (24.21): others write to it too, and
 * between their `setBlocking(false)` and their write it would block again. What
 * is closed is left alone.
 */
export function leaveFlagsAlone(): void {
  const ending = process as unknown as Exiting;
  const { reallyExit } = ending;
  ending.reallyExit = (code) => {
    // A thread that ends leaves the process its output.
    const { isMainThread } = process.getBuiltinModule("node:worker_threads");
    if (isMainThread) {
      for (const descriptor of [1, 2]) closeSocket(descriptor);
    }
    return reallyExit.call(process, code);
  };
}

function closeSocket(descriptor: number): void {
  try {
    if (fstatSync(descriptor).isSocket()) closeSync(descriptor);
  } catch {
    return; // It was closed before.
  }
}

/** Nothing else on Node sets O_NONBLOCK (24.21, NODE-SHARED-NONBLOCK). */
function handleOf(descriptor: number): Handle | null | undefined {
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  return (stream as { _handle?: Handle | null })._handle;
}
