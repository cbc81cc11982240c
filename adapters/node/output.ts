/** Standard output and standard error on Node, which calls no libc. */
import { closeSync, fstatSync } from "node:fs";
import process from "node:process";
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
  writeShared(descriptor, bytes, kind) {
    if (kind === "terminal") return writeToTerminal(descriptor, bytes);
    // NODE-SHARED-NONBLOCK: libuv takes O_NONBLOCK from what a child inherits,
    // and a Node that exits gives its output the flags back that it had: so it
    // is set each time.
    handleOf(descriptor)?.setBlocking?.(false);
    return writeByFs(descriptor, bytes);
  },
};

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
