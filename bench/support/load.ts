/** Load from wrk (https://github.com/wg/wrk), kept-alive connections. */
import { execFile } from "node:child_process";
import { pinned } from "./server.ts";

export interface Load {
  /** Answered requests. */
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly processors?: string | undefined;
  /** A file of wrk's own scripting. */
  readonly script?: string | undefined;
}

/** wrk's own of 2 s takes a request that waited for a busy machine for one that was lost. */
const TIMEOUT = "30s";

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

/** Loads a URL. @throws when wrk fails, or any request did. */
export async function load(url: string, options: LoadOptions): Promise<Load> {
  const { seconds, connections } = options;
  const [program, ...args] = pinned([
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${seconds}`,
    "--latency",
    ...["--timeout", TIMEOUT],
    ...(options.script === undefined ? [] : ["-s", options.script]),
    url,
  ], options.processors);
  const text = await output(program, args, (seconds + 60) * 1000);
  const trouble = /^\s*(Socket errors|Non-2xx).*$/m.exec(text)?.[0];
  if (trouble !== undefined) {
    throw new Error(`Cannot measure "${url}": ${trouble.trim()}`);
  }
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s*([\d.]+)/.exec(text)?.[1]),
    p50Ms: percentile(text, 50),
    p99Ms: percentile(text, 99),
  };
}

function percentile(text: string, percent: number): number {
  const [, value, unit = ""] =
    new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s)`, "m").exec(text) ?? [];
  return Number(value) * (UNITS[unit] ?? NaN);
}

function output(
  program: string,
  args: string[],
  timeout: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { timeout, killSignal: "SIGKILL" },
      (error, stdout) => {
        if (error === null) return resolve(stdout);
        reject(
          new Error(`Cannot run "${program}": ${error.message}`, {
            cause: error,
          }),
        );
      },
    );
  });
}
