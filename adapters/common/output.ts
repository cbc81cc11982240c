/** What a child prints, where it is not this process's own output. */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { OutputStream, SpawnOptions } from "../../src/runtime.ts";

/** Hands over what a child prints; resolves when it never will print again. */
export async function watchOutput(
  child: ChildProcess,
  { onOutput }: Pick<SpawnOptions, "onOutput">,
): Promise<void> {
  if (onOutput === undefined) return;
  const both: [OutputStream, Readable | null][] = [
    ["stdout", child.stdout],
    ["stderr", child.stderr],
  ];
  await Promise.all(
    both.map(([name, stream]) =>
      stream && read(stream, (text) => onOutput(name, text))
    ),
  );
}

/** Lets this process end though a grandchild still holds the output; what it prints is read as long. */
export function releaseOutput({ stdout, stderr }: ChildProcess): void {
  for (const stream of [stdout, stderr]) {
    (stream as { unref?(): void } | null)?.unref?.();
  }
}

/**
 * Reads a piece a turn: a child that floods its output does not keep this
 * process from its other events, nor fill its memory, but fills its own pipe
 * and waits.
 */
function read(stream: Readable, take: (text: string) => void): Promise<void> {
  stream.setEncoding("utf8");
  return new Promise((resolve) => {
    stream.on("data", (text: string) => {
      stream.pause();
      setImmediate(() => stream.resume());
      take(text);
    });
    stream.on("end", resolve);
    stream.on("close", resolve);
    // A pipe that cannot be read has nothing more to tell.
    stream.on("error", () => resolve());
  });
}
