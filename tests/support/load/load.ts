/**
 * Load that counts failures: clients that keep their connection, clients that
 * open one for each request, clients that read streams and clients that post
 * bodies, all at once. They run in a process of their own, on Node whatever is
 * tested, and never send a request twice.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Target } from "../client/client.ts";
import { helperNode } from "../process/command.ts";
import { anySeed } from "../random.ts";
import { until, within } from "../wait.ts";

/**
 * `keepAlive`: short answers on a connection that is kept. `single`: a
 * connection for each. `streams`: answers in chunks, with pauses, some larger
 * than a socket's buffer. `posts`: bodies with a length and in chunks, some slow.
 */
export const kinds = ["keepAlive", "single", "streams", "posts"] as const;
export type Kind = typeof kinds[number];

/** What one kind of client met. */
export interface Tally {
  requests: number;
  /** Requests without a complete, right answer. */
  failures: number;
  /** Idle connections that ended unannounced before a request was written, or were idle for as long as they may be. */
  quiet: number;
}

/** A request without a complete, right answer. Times are milliseconds since 1970. */
export interface Failure {
  readonly kind: Kind;
  readonly reason: string;
  /** The client's port; undefined over a unix socket and where there was no connection. */
  readonly port: number | undefined;
  /** Pid of the worker that answered earlier on the connection. */
  readonly worker: number | undefined;
  /** When the request began. */
  readonly begun: number;
  /** For how long the connection had been idle then: near `--keep-alive` the server may have closed it meanwhile. */
  readonly idleMs: number;
  readonly at: number;
}

export interface LoadReport extends Readonly<Record<Kind, Tally>> {
  /** How often each failure was seen. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly failed: readonly Failure[];
  readonly seed: number;
}

/** How many clients of each kind there are. */
export interface LoadOptions extends Readonly<Partial<Record<Kind, number>>> {
  /** The server, by URL or by unix socket; it serves `tests/fixtures/app.ts`. */
  readonly url: string | Target;
  /** The authority that has signed its certificate, as PEM; the clients speak TLS then. */
  readonly ca?: string | undefined;
  /** Decides pauses, sizes and order. */
  readonly seed?: number;
  /** The server's `--keep-alive` in seconds, 1 unless given, as that of `startServer`. A client that stood still for about as long opens another connection: the server may close the old one at any moment. */
  readonly idleSeconds?: number;
}

/** Some of each kind. */
export const MIXED: Readonly<Record<Kind, number>> = {
  keepAlive: 8,
  single: 4,
  streams: 3,
  posts: 3,
};

/** A running load. */
export interface Load {
  readonly pid: number;
  /** Requests that have ended so far, and those of them that failed. */
  progress(): Progress;
  /** Waits until so many more requests have ended. */
  more(requests: number, ms?: number): Promise<void>;
  /** Lets the open requests end and tells what happened. */
  stop(): Promise<LoadReport>;
}

export interface Progress {
  readonly requests: number;
  readonly failures: number;
}

/** A line that the load writes. */
export type Line = Progress | { readonly report: LoadReport };

/** How long the last requests of a load may take. */
const END_MS = 45_000;

/** Sums a report up. */
export function totalOf(report: LoadReport): Tally {
  const total = { requests: 0, failures: 0, quiet: 0 };
  for (const kind of kinds) {
    total.requests += report[kind].requests;
    total.failures += report[kind].failures;
    total.quiet += report[kind].quiet;
  }
  return total;
}

/** Starts clients; they go on until stopped. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { seed = anySeed() } = options;
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("load-program.ts", import.meta.url)),
      JSON.stringify({ ...options, seed }),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  let progress: Progress = { requests: 0, failures: 0 };
  let report: LoadReport | undefined;
  const lines = createInterface(child.stdout);
  lines.on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if ("report" in line) report = line.report;
    else progress = line;
  });
  const closed = new Promise<void>((resolve) =>
    child.on("close", () => resolve())
  );
  try {
    await until("the first request of the load", () => progress.requests > 0);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    progress: () => progress,
    async more(requests, ms = 30_000) {
      const wanted = progress.requests + requests;
      const what = `${requests} more requests`;
      await until(what, () => progress.requests >= wanted, ms);
    },
    async stop() {
      child.stdin.end();
      await within("the end of the load", closed, END_MS);
      if (report === undefined) throw new Error("The load gave no report");
      return report;
    },
  };
}

/** Runs a load for as long as `body` takes, and ends it even where that fails. */
export async function underLoad(
  options: LoadOptions,
  body: (load: Load) => Promise<void>,
): Promise<LoadReport> {
  const load = await startLoad(options);
  try {
    await body(load);
  } finally {
    await load.stop();
  }
  return await load.stop();
}

/** A report in a line. */
export function describeLoad(report: LoadReport): string {
  const counts = kinds.map((kind) => `${report[kind].requests} ${kind}`);
  const failures = JSON.stringify(report.failed.slice(0, 5));
  return `${counts.join(", ")}, ${totalOf(report).failures} failed ${failures}`;
}

/** @throws where a request failed, or where a kind of client did too little to show anything */
export function assertNothingLost(report: LoadReport): void {
  const said = `${describeLoad(report)}, seed ${report.seed}`;
  if (totalOf(report).failures > 0) throw new Error(`Requests failed: ${said}`);
  const idle = kinds.filter((kind) => report[kind].requests < 10);
  if (idle.length > 0) throw new Error(`Too few requests: ${said}`);
}
