/**
 * Load that counts failures: clients that keep their connection and clients
 * that open one for each request. They run in a process of their own, on Node
 * whatever is tested, and never send a request twice.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RawClient, type Target } from "./client.ts";
import { helperNode } from "./command.ts";
import { sleep, within } from "./wait.ts";

/** What one kind of client met. */
export interface Tally {
  requests: number;
  /** Requests without a complete, right answer. */
  failures: number;
  /** Idle connections that ended unannounced before a request was written. */
  quiet: number;
}

export interface LoadReport {
  readonly keepAlive: Tally;
  readonly single: Tally;
  /** How often each failure was seen. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  /** The server, by URL or by unix socket; `/load/ID` must answer with `loadBody(ID)`. */
  readonly url: string | Target;
  /** Clients that keep their connection. */
  readonly keepAlive: number;
  /** Clients that open a connection for each request. */
  readonly single: number;
}

/** A running load. */
export interface Load {
  /** Lets the open requests end and tells what happened. */
  stop(): Promise<LoadReport>;
}

/** The longest pause between two requests of a client. */
const THINK_MS = 20;

/** The only right answer to `/load/ID`. */
export function loadBody(id: string): string {
  return `${id} ${"corn".repeat(300)}\n`;
}

/** Starts clients; they go on until stopped. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(import.meta.url),
      JSON.stringify(options),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  let output = "";
  let begun: () => void = () => {};
  const started = new Promise<void>((resolve) => begun = resolve);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    begun();
  });
  const closed = new Promise<void>((resolve) =>
    child.on("close", () => resolve())
  );
  await within("the first request of the load", started);
  return {
    async stop() {
      child.stdin.end();
      await within("the end of the load", closed, 15_000);
      return JSON.parse(output.split("\n").at(-2) ?? "") as LoadReport;
    },
  };
}

/** The program: serves as the load until its standard input ends. */
async function runLoad({ url, keepAlive, single }: LoadOptions): Promise<void> {
  const report = { keepAlive: tally(), single: tally(), reasons: {} };
  let stopping = false;
  process.stdin.on("end", () => stopping = true).resume();
  let next = 0;

  async function client(kept: boolean): Promise<void> {
    const sums = kept ? report.keepAlive : report.single;
    const reasons: Record<string, number> = report.reasons;
    let raw: RawClient | undefined;
    while (!stopping) {
      if (raw !== undefined && !raw.open) {
        sums.quiet++;
        raw = undefined;
      }
      const id = String(next++);
      sums.requests++;
      const reused = raw !== undefined;
      try {
        raw ??= await RawClient.connect(url);
        const headers: Record<string, string> = kept
          ? {}
          : { Connection: "close" };
        const { status, text, closes } = await raw.request(`/load/${id}`, {
          headers,
        });
        if (status !== 200) throw new Error(`HTTP ${status}`);
        if (text !== loadBody(id)) throw new Error("Wrong body");
        if (closes || !kept) {
          raw.close();
          raw = undefined;
        }
      } catch (error) {
        sums.failures++;
        const reason = `${kept ? reused ? "kept" : "kept, first" : "single"}: ${
          (error as Error).message
        }`;
        reasons[reason] = (reasons[reason] ?? 0) + 1;
        raw?.close();
        raw = undefined;
      }
      await sleep(Math.random() * THINK_MS);
    }
    raw?.close();
  }

  console.log("begun");
  await Promise.all([
    ...Array.from({ length: keepAlive }, () => client(true)),
    ...Array.from({ length: single }, () => client(false)),
  ]);
  console.log(JSON.stringify(report));
}

function tally(): Tally {
  return { requests: 0, failures: 0, quiet: 0 };
}

if (import.meta.main) await runLoad(JSON.parse(process.argv[2] ?? ""));
