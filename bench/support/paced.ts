/**
 * Requests that come as chance has it over kept connections, in a process of
 * its own; what they saw goes to standard output as JSON.
 *
 *     node bench/support/paced.ts PORT PER_SECOND SECONDS CONNECTIONS SEED
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { randomFrom } from "../../tests/support/random.ts";
import { pinned } from "./server.ts";

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
  /** What decides when requests come. */
  readonly seed: number;
  /** The processor that asks, and does nothing else. */
  readonly processors: string;
}

/** How long each request took, in ms. */
export function pace(
  port: number,
  { perSecond, seconds, connections, seed, processors }: Pace,
): Promise<number[]> {
  const [program, ...args] = pinned([
    process.execPath,
    fileURLToPath(import.meta.url),
    ...[port, perSecond, seconds, connections, seed].map(String),
  ], processors);
  const timeout = (seconds + 60) * 1000;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { timeout, killSignal: "SIGKILL", maxBuffer: 2 ** 26 },
      (error, stdout) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(error);
      },
    );
  });
}

/** A connection, and when what it has asked was asked. */
class Asker {
  readonly #asked: number[] = [];
  readonly #socket: Socket;

  constructor(socket: Socket, onAnswer: (ms: number) => void) {
    this.#socket = socket;
    // An answer is one packet: it is small, and requests are as well.
    socket.on("data", () => {
      const asked = this.#asked.shift();
      if (asked !== undefined) onAnswer(performance.now() - asked);
    });
  }

  get idle(): boolean {
    return this.#asked.length === 0;
  }

  ask(): void {
    this.#asked.push(performance.now());
    this.#socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function main(
  [port, perSecond, seconds, connections, seed]: number[],
): Promise<void> {
  const random = randomFrom(seed as number);
  const waits: number[] = [];
  const askers: Asker[] = [];
  for (let count = 0; count < connections!; count++) {
    const socket = await connected(port as number);
    askers.push(new Asker(socket, (ms) => waits.push(ms)));
  }
  let turn = 0;
  let next = performance.now();
  const end = next + seconds! * 1000;
  while (next < end) {
    while (next <= performance.now()) {
      // One that waits for an answer asks nothing more, if another can.
      for (let tried = 0; tried < askers.length; tried++) {
        if (askers[turn++ % askers.length]!.idle) break;
      }
      askers[(turn - 1) % askers.length]!.ask();
      next -= Math.log(1 - random()) * 1000 / perSecond!;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const late = performance.now() + 2000;
  while (!askers.every(({ idle }) => idle) && performance.now() < late) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stdout.write(
    JSON.stringify(waits),
    () => process.exit(0),
  );
}

if (import.meta.main) await main(process.argv.slice(2).map(Number));
