/** Clients that are slow on purpose, beside a good one. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { helperNode } from "../process/command.ts";

/**
 * `head`: a byte of a request's head each second. `body`: the same of its body.
 * `idle`: nothing at all.
 */
export const slowKinds = ["head", "body", "idle"] as const;
export type SlowKind = typeof slowKinds[number];

export interface SlowOptions {
  readonly url: string;
  /** Clients of each kind. */
  readonly count: number;
  /** Milliseconds after which each kind is to be cut. */
  readonly limits: Readonly<Record<SlowKind, number>>;
  /** How long the good client goes on at least. */
  readonly ms: number;
}

/** What became of the clients of a kind; times are milliseconds. */
export interface SlowTally {
  /** Those that the server ended. */
  cut: number;
  /** The soonest and the latest end, counted from the limit. */
  soonest: number;
  latest: number;
  /** Their answers' statuses, "" where there was none. */
  readonly statuses: Record<string, number>;
}

export interface SlowReport extends Readonly<Record<SlowKind, SlowTally>> {
  readonly good: {
    readonly requests: number;
    readonly failures: readonly string[];
    readonly p50: number;
    readonly p99: number;
    readonly worst: number;
  };
  /** The longest time for which the clients' own process was held up. */
  readonly heldUp: number;
}

/** Sends them, in a process of their own on Node, and waits for the last one's end. */
export async function slowDown(options: SlowOptions): Promise<SlowReport> {
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("slow-program.ts", import.meta.url)),
      JSON.stringify(options),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`The slow clients ended with ${code}`);
  return JSON.parse(output) as SlowReport;
}
