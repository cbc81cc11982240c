/** The load's own process: clients that go on until its standard input ends. */
import process from "node:process";
import { RawClient, targetOf } from "../client/client.ts";
import { connectSecure } from "../client/secure.ts";
import { kinds } from "./load.ts";
import type { Failure, Kind, Line, LoadOptions, Tally } from "./load.ts";
import { asks } from "./load-asks.ts";
import { randomFrom } from "../random.ts";
import { sleep } from "../wait.ts";

/** The longest pause between two requests of a client. */
const THINK_MS = 20;
/** How often progress is told. */
const TELL_MS = 50;
/** How many of the clients that stream or post close after a request. */
const CLOSING = 0.3;
/** So much of the time that a connection may be idle a client makes use of. */
const IDLE_SHARE = 0.7;
/** A machine that has other work accepts late. */
const CONNECT_MS = 30_000;

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const seed = options.seed ?? 0;
const idleMs = (options.idleSeconds ?? 1) * 1000 * IDLE_SHARE;
const tallies = Object.fromEntries(
  kinds.map((kind) => [kind, { requests: 0, failures: 0, quiet: 0 }]),
) as Record<Kind, Tally>;
const reasons: Record<string, number> = {};
const failed: Failure[] = [];
let ended = 0;
let stopping = false;
process.stdin.on("end", () => stopping = true).resume();

function tell(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A connection, and what is remembered of it. */
interface Connection {
  readonly raw: RawClient;
  readonly port: number | undefined;
  worker: number | undefined;
  /** When its last answer was whole, or it was opened. */
  since: number;
}

async function connect(): Promise<Connection> {
  const raw = await open();
  const { localPort: port } = raw.socket;
  return { raw, port, worker: undefined, since: Date.now() };
}

async function open(): Promise<RawClient> {
  const { url, ca } = options;
  if (ca === undefined) return await RawClient.connect(url, CONNECT_MS);
  const target = typeof url === "string" ? targetOf(url) : url;
  return (await connectSecure(target, { ca })).client;
}

function closes(kind: Kind, random: () => number): boolean {
  if (kind === "keepAlive") return false;
  return kind === "single" || random() < CLOSING;
}

async function client(kind: Kind, number: number): Promise<void> {
  const tally = tallies[kind];
  // Each client has a chance of its own: the order among clients is the server's doing.
  const random = randomFrom(seed + 7919 * number);
  let connection: Connection | undefined;
  const drop = () => {
    connection?.raw.close();
    connection = undefined;
  };
  for (let count = 0; !stopping; count++) {
    const old = Date.now() - (connection?.since ?? Infinity) > idleMs;
    if (old || connection?.raw.open === false) {
      tally.quiet++;
      drop();
    }
    const reused = connection !== undefined;
    const close = closes(kind, random);
    const begun = Date.now();
    tally.requests++;
    try {
      connection ??= await connect();
      const { raw } = connection;
      const ask = { id: `${kind}-${number}-${count}`, close, random };
      const answer = await asks[kind](raw, ask);
      if (raw.unread > 0) throw new Error("More than an answer came");
      connection.worker = Number(answer.headers.get("x-worker"));
      connection.since = Date.now();
      if (close || answer.closes) drop();
    } catch (error) {
      const { message } = error as Error;
      const reason = `${kind}${reused ? ", reused" : ""}: ${message}`;
      tally.failures++;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      const { port, worker, since = begun } = connection ?? {};
      failed.push({
        kind,
        reason: message,
        port,
        worker,
        begun,
        idleMs: Math.max(0, begun - since),
        at: Date.now(),
      });
      drop();
    }
    ended++;
    await sleep(random() * THINK_MS);
    // On a busy machine it stood still meanwhile, and may have been closed as idle: that is read first.
    await new Promise((resolve) => setImmediate(resolve));
  }
  drop();
}

const teller = setInterval(
  () => tell({ requests: ended, failures: failed.length }),
  TELL_MS,
);
let number = 0;
await Promise.all(
  kinds.flatMap((kind) =>
    Array.from({ length: options[kind] ?? 0 }, () => client(kind, number++))
  ),
);
clearInterval(teller);
tell({ report: { ...tallies, reasons, failed, seed } });
