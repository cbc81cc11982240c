/** Where a child prints to. */
import type { ChildProcess } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Readable } from "node:stream";
import type {
  OutputStream,
  SpawnOptions,
} from "../../../src/runtime/runtime.ts";
import { placeToWrite } from "../files/safe-files.ts";
import { openForChild } from "../output/standard.ts";
import type { OutputWays } from "../output/standard.ts";
import { setImmediate } from "../originals/originals.ts";

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** A child's standard output and standard error, as node:child_process wants them. */
export interface ChildOutput {
  readonly stdio: readonly (number | "inherit" | "pipe")[];
  /** Closes what only the child needs, once it was started. */
  release(): void;
}

/** @throws the system's error, for a file that cannot be opened */
export function outputOf(
  { onOutput, outputFile }: Pick<SpawnOptions, "onOutput" | "outputFile">,
  ways: Pick<OutputWays, "open">,
): ChildOutput {
  if (outputFile !== undefined) {
    const { path, flags } = placeToWrite(outputFile);
    const file = openSync(path, APPEND | flags, 0o666);
    return { stdio: [file, file], release: () => closeSync(file) };
  }
  if (onOutput !== undefined) {
    return { stdio: ["pipe", "pipe"], release() {} };
  }
  const opened = [openForChild(1, ways), openForChild(2, ways)];
  return {
    stdio: opened.map((one) => one ?? "inherit"),
    release() {
      for (const one of opened) if (one !== undefined) closeSync(one);
    },
  };
}

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
