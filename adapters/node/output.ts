/** Standard output and standard error on Node, which calls no libc. */
import process from "node:process";
import { openByFs } from "../shared/standard.ts";
import type { OutputWays } from "../shared/standard.ts";
import { writeByFs } from "../shared/outflow.ts";

/** The part of libuv's stream that corn uses. */
interface Handle {
  setBlocking?(on: boolean): void;
}

export const outputWays: OutputWays = {
  open: openByFs,
  write: writeByFs,
  writeShared(descriptor, bytes, kind) {
    // libuv takes O_NONBLOCK from what a child inherits, and a Node that exits
    // gives its output the flags back that it had: so it is set each time.
    if (kind !== "terminal") handleOf(descriptor)?.setBlocking?.(false);
    return writeByFs(descriptor, bytes);
  },
};

/** Nothing else on Node sets O_NONBLOCK (24.21). */
function handleOf(descriptor: number): Handle | null | undefined {
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  return (stream as { _handle?: Handle | null })._handle;
}
