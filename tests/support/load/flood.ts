/**
 * Clients that open a connection for each request and pause between none of
 * them. They run in a process of their own, on Node whatever is tested.
 */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Target } from "../client/client.ts";
import { helperNode } from "../process/command.ts";
import { within } from "../wait.ts";

/** What to flood. */
export interface FloodOptions {
  /** Shared out among the clients. */
  readonly targets: readonly Target[];
  readonly path: string;
  readonly clients: number;
}

/** A running flood. */
export interface Flood {
  stop(): Promise<void>;
}

/** Answers until the server counts as busy. */
const WARM = 300;

/** Starts clients and waits until the server is busy. */
export async function startFlood(options: FloodOptions): Promise<Flood> {
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(import.meta.url),
      JSON.stringify(options),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const started = new Promise<void>((resolve) =>
    child.stdout.once("data", () => resolve())
  );
  const closed = new Promise<void>((resolve) =>
    child.on("close", () => resolve())
  );
  await within(`${WARM} answers to the flood`, started);
  return {
    async stop() {
      child.stdin.end();
      await within("the end of the flood", closed);
    },
  };
}

/** The program: floods until its standard input ends. */
function flood({ targets, path, clients }: FloodOptions): void {
  const head =
    `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`;
  let answers = 0;
  const ask = (target: Target) => {
    const socket = connect(target);
    socket.end(head);
    socket.once("data", () => {
      if (++answers === WARM) console.log("begun");
    });
    socket.resume();
    // A server that has gone refuses; the next one may not.
    socket.on("error", () => {});
    socket.once("close", () => setImmediate(ask, target));
  };
  for (let client = 0; client < clients; client++) {
    ask(targets[client % targets.length] as Target);
  }
  process.stdin.on("end", () => process.exit()).resume();
}

if (import.meta.main) flood(JSON.parse(process.argv[2] ?? ""));
