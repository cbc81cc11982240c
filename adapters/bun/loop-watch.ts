/**
 * What Bun's sampler saw of a blocked event loop. Nothing can ask before
 * the loop turns again (1.4.5, BUN-NO-LOOK); BUN_JSC_sampleInterval, which the process was started with,
 * makes it look ten times a second.
 */
import process from "node:process";
import type { LoopWatch, LoopWatchOptions } from "../../src/runtime/serving.ts";
import { frameText, isOwn, MAX_FRAMES } from "../../src/base/frames.ts";

interface Frame {
  readonly name: string;
  readonly sourceURL?: string;
  readonly line?: number;
  readonly category?: string;
}

interface Traces {
  readonly traces: readonly { readonly frames: readonly Frame[] }[];
}

/** The part of `bun:jsc` that corn uses. */
interface BunJsc {
  startSamplingProfiler(): void;
  samplingProfilerStackTraces(): Traces;
}

/** The variable that says how often the sampler looks, in microseconds. */
const INTERVAL = "BUN_JSC_sampleInterval";

export function watchLoop({ folder }: LoopWatchOptions): LoopWatch {
  const { startSamplingProfiler, samplingProfilerStackTraces } = process
    .getBuiltinModule("bun:jsc") as unknown as BunJsc;
  if (process.env[INTERVAL] === undefined) {
    throw new Error(`${INTERVAL} is not set`);
  }
  // What the app starts has its own.
  delete process.env[INTERVAL];
  startSamplingProfiler();
  return {
    beat() {},
    take() {
      const { traces } = samplingProfilerStackTraces();
      const frames = traces.length === 0 ? [] : mostSeen(traces, folder);
      return frames.length === 0
        ? undefined
        : JSON.stringify({ begun: 0, frames });
    },
    close() {},
  };
}

/** The stack that was seen most often. */
function mostSeen(traces: Traces["traces"], folder: string): string[] {
  const seen = new Map<string, { count: number; frames: string[] }>();
  for (const { frames: all } of traces) {
    const frames = all.flatMap((frame) => textOf(frame, folder))
      .slice(0, MAX_FRAMES);
    const key = frames.join();
    const entry = seen.get(key) ?? { count: 0, frames };
    entry.count++;
    seen.set(key, entry);
  }
  let most = { count: 0, frames: [] as string[] };
  for (const entry of seen.values()) if (entry.count > most.count) most = entry;
  return most.frames;
}

function textOf(
  { name, sourceURL = "", line = 0 }: Frame,
  folder: string,
): string[] {
  if (!/^(\/|file:)/.test(sourceURL) || isOwn(sourceURL)) return [];
  const shown = /^\(.*\)$/.test(name) ? "" : name;
  return [frameText({ name: shown, file: sourceURL, line, folder })];
}
