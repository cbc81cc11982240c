/** The slow clients' own process. */
import { connect } from "node:net";
import process from "node:process";
import { RawClient, targetOf } from "../client/client.ts";
import { slowKinds } from "./slow.ts";
import type { SlowKind, SlowOptions, SlowReport, SlowTally } from "./slow.ts";
import { sleep } from "../wait.ts";

/** How long past its limit a client waits for its end. */
const PATIENCE_MS = 20_000;
/** Between two bytes of a slow client. */
const DRIP_MS = 1000;
/** Between two looks at how late this process is. */
const LOOK_MS = 20;
/** Between two requests of the good client. */
const THINK_MS = 10;

const options = JSON.parse(process.argv[2] ?? "") as SlowOptions;
const target = targetOf(options.url) as { host: string; port: number };
const { limits } = options;

const OPENINGS: Readonly<Record<SlowKind, string>> = {
  head: "GET / HTTP/1.1\r\nHost: a\r\nX: ",
  body: "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
  idle: "",
};

const tallies = Object.fromEntries(
  slowKinds.map((kind) => [kind, {
    cut: 0,
    soonest: Infinity,
    latest: -Infinity,
    statuses: {},
  }]),
) as unknown as Record<SlowKind, SlowTally>;

/** Is slow until the server ends it; it never ends its own side before. */
function beSlow(kind: SlowKind): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, allowHalfOpen: true });
    let begun = performance.now();
    let text = "";
    let drip: ReturnType<typeof setInterval> | undefined;
    const patience = setTimeout(done, limits[kind] + PATIENCE_MS);
    function done(): void {
      clearInterval(drip);
      clearTimeout(patience);
      socket.destroy();
      resolve();
    }
    function note(): void {
      const late = performance.now() - begun - limits[kind];
      const tally = tallies[kind];
      const [, status = ""] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
      tally.cut++;
      tally.soonest = Math.min(tally.soonest, late);
      tally.latest = Math.max(tally.latest, late);
      tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
      done();
    }
    socket.setEncoding("latin1").on("data", (part) => text += part);
    socket.once("connect", () => {
      begun = performance.now();
      if (kind === "idle") return;
      socket.write(OPENINGS[kind]);
      drip = setInterval(() => socket.write("x"), DRIP_MS);
    });
    socket.once("end", note);
    socket.once("error", note);
  });
}

const times: number[] = [];
const failures: string[] = [];
let stopping = false;

async function beGood(): Promise<void> {
  let client: RawClient | undefined;
  while (!stopping) {
    if (client?.open !== true) client = await RawClient.connect(target);
    const begun = performance.now();
    try {
      const { status } = await client.request("/");
      if (status !== 200) failures.push(`status ${status}`);
    } catch (error) {
      failures.push((error as Error).message);
      client.close();
    }
    times.push(performance.now() - begun);
    await sleep(THINK_MS);
  }
  client?.close();
}

let heldUp = 0;
let looked = performance.now();
const look = setInterval(() => {
  const now = performance.now();
  heldUp = Math.max(heldUp, now - looked - LOOK_MS);
  looked = now;
}, LOOK_MS);

const good = beGood();
const least = sleep(options.ms);
const slow = slowKinds.flatMap((kind) =>
  Array.from({ length: options.count }, () => beSlow(kind))
);
await Promise.all([...slow, least]);
stopping = true;
await good;
clearInterval(look);
times.sort((one, other) => one - other);
const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
const report: SlowReport = {
  ...tallies,
  good: {
    requests: times.length,
    failures,
    p50: at(0.5),
    p99: at(0.99),
    worst: times.at(-1) ?? 0,
  },
  heldUp,
};
process.stdout.write(JSON.stringify(report));
