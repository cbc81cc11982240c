/**
 * Clients that open connections, in a process of their own so that they wait
 * for nobody else; what they saw goes to standard output as JSON.
 *
 *     node bench/support/connections.ts burst PORT CONNECTIONS TIMES
 *     node bench/support/connections.ts flow PORT PER_SECOND SECONDS PATH PERCENT
 *     node bench/support/connections.ts arrivals PORT PER_SECOND SECONDS SHORT LONG PERCENT SEED
 */
import { execFile } from "node:child_process";
import { connect } from "node:net";
import type { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { randomFrom } from "../../tests/support/random.ts";

/** How long a burst's connections have to be gone before the next. */
const PAUSE_MS = 300;

/** New connections at a steady pace, some of whose requests block their worker. */
export interface Flow {
  readonly perSecond: number;
  readonly seconds: number;
  /** What the blocking requests ask for. */
  readonly path: string;
  /** Requests that block, of a hundred. */
  readonly percent: number;
}

/** Requests that come as chance has it, each of which blocks its worker for a short or a long time. */
export interface Arrivals {
  readonly perSecond: number;
  readonly seconds: number;
  readonly shortMs: number;
  readonly longMs: number;
  /** Those that block for long, of a hundred. */
  readonly percent: number;
  /** What decides when requests come, and which of them are long. */
  readonly seed: number;
}

/** How bursts of kept-alive connections spread: for each worker that got some, how many. */
export function burst(
  port: number,
  { connections, times }: { connections: number; times: number },
): Promise<number[][]> {
  return run(["burst", port, connections, times]);
}

/** Latencies in ms of the requests that do not block, a connection each. */
export function flow(
  port: number,
  { perSecond, seconds, path, percent }: Flow,
): Promise<number[]> {
  return run(["flow", port, perSecond, seconds, path, percent]);
}

/** How long in ms each request waited beside the time that its handler takes, a connection each. */
export function arrivals(
  port: number,
  { perSecond, seconds, shortMs, longMs, percent, seed }: Arrivals,
): Promise<number[]> {
  const args = [port, perSecond, seconds, shortMs, longMs, percent, seed];
  return run(["arrivals", ...args]);
}

function run<Result>(args: (string | number)[]): Promise<Result> {
  const script = fileURLToPath(import.meta.url);
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, ...args.map(String)],
      { timeout: 120_000, killSignal: "SIGKILL", maxBuffer: 2 ** 26 },
      (error, stdout) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(error);
      },
    );
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * How long each of the same requests waits where `workers` take them from one
 * queue in order, and each costs its worker so much beside its handler: where
 * that is nothing, less is not possible.
 */
export function leastWaits(
  workers: number,
  load: Arrivals,
  costMs: number = 0,
): number[] {
  const freeAt = Array.from({ length: workers }, () => 0);
  return [...comings(load)].map(({ at, ms }) => {
    const next = freeAt.indexOf(Math.min(...freeAt));
    const begins = Math.max(at, freeAt[next] as number);
    freeAt[next] = begins + costMs + ms;
    return begins + costMs - at;
  });
}

/** When requests come, in ms from the begin on, and how long each takes: the same for a seed. */
function* comings(
  { perSecond, seconds, shortMs, longMs, percent, seed }: Arrivals,
): Generator<{ readonly at: number; readonly ms: number }> {
  const random = randomFrom(seed);
  let at = 0;
  while (at < seconds * 1000) {
    at -= Math.log(1 - random()) * 1000 / perSecond;
    yield { at, ms: random() * 100 < percent ? longMs : shortMs };
  }
}

/** One request; resolves with the body. @throws when the answer is not 200 */
function ask(
  port: number,
  path: string,
  kept?: Socket[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    kept?.push(socket);
    let text = "";
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after "${text}"`)));
    socket.on("data", (chunk) => {
      text += chunk;
      const [head = "", body] = text.split("\r\n\r\n");
      if (body === undefined) return;
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      const whole = length === undefined
        ? /\r\n0\r\n/.test(body)
        : body.length >= Number(length);
      if (!whole) return;
      if (!head.startsWith("HTTP/1.1 200")) return reject(new Error(head));
      resolve(length === undefined ? body.split("\r\n")[1] ?? "" : body);
      if (kept === undefined) socket.destroy();
    });
    const connection = kept === undefined ? "close" : "keep-alive";
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: corn\r\nConnection: ${connection}\r\n\r\n`,
    );
  });
}

async function measureBurst(
  port: number,
  connections: number,
  times: number,
): Promise<number[][]> {
  const bursts: number[][] = [];
  for (let time = 0; time < times; time++) {
    const kept: Socket[] = [];
    const answers = await Promise.all(
      Array.from({ length: connections }, () => ask(port, "/", kept)),
    );
    for (const socket of kept) socket.destroy();
    const counts = new Map<string, number>();
    for (const worker of answers) {
      counts.set(worker, (counts.get(worker) ?? 0) + 1);
    }
    bursts.push([...counts.values()]);
    await sleep(PAUSE_MS);
  }
  return bursts;
}

async function measureFlow(
  port: number,
  { perSecond, seconds, path, percent }: Flow,
): Promise<number[]> {
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  // The same requests in each run.
  const random = randomFrom(1);
  const began = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    const wait = began + sent * 1000 / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    const from = performance.now();
    const blocks = random() * 100 < percent;
    pending.push(
      ask(port, blocks ? path : "/").then(() => {
        if (!blocks) latencies.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(pending);
  return latencies;
}

async function measureArrivals(
  port: number,
  load: Arrivals,
): Promise<number[]> {
  const waited: number[] = [];
  const pending: Promise<void>[] = [];
  const began = performance.now();
  for (const { at, ms } of comings(load)) {
    const wait = began + at - performance.now();
    if (wait > 0) await sleep(wait);
    // What this process is late for is not the server's.
    const from = performance.now();
    pending.push(
      ask(port, `/wait/${ms}`).then(() => {
        waited.push(performance.now() - from - ms);
      }),
    );
  }
  await Promise.all(pending);
  return waited;
}

if (import.meta.main) {
  const [mode, port, ...rest] = process.argv.slice(2);
  const numbers = rest.map(Number);
  const [perSecond = 0, seconds = 0, shortMs = 0, longMs = 0] = numbers;
  const [percent = 0, seed = 1] = numbers.slice(4);
  const result = mode === "arrivals"
    ? await measureArrivals(Number(port), {
      ...{ perSecond, seconds, shortMs, longMs, percent, seed },
    })
    : mode === "burst"
    ? await measureBurst(Number(port), Number(rest[0]), Number(rest[1]))
    : await measureFlow(Number(port), {
      perSecond: Number(rest[0]),
      seconds: Number(rest[1]),
      path: rest[2] ?? "/",
      percent: Number(rest[3]),
    });
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
