/**
 * What does the gateway add to a request?
 *
 *     node bench/gateway.ts --rounds 5 --runtime node,bun,deno
 *
 * Each round measures in a fresh process on each runtime; a row's difference
 * is what `createGateway().fetch` costs beyond the app's own call.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Bench } from "tinybench";
import { currentRuntime } from "../adapters/mod.ts";
import type { App, AppContext } from "../src/gateway/app/app.ts";
import { createGateway } from "../src/gateway/call/gateway.ts";
import { Inflight } from "../src/gateway/call/inflight.ts";
import { startHeartbeat } from "../src/worker/observe/heartbeat.ts";
import { printedBy, RUNTIMES } from "./support/commands.ts";
import { machine, median, spread, table } from "./support/report.ts";

/** Calls between two looks at the clock, whose own cost is then lost among them. */
const CALLS = 1024;
/** Requests open at once where the app is async. */
const OPEN = 32;

type Figures = Readonly<Record<string, number>>;

/** Nanoseconds a request, by the name of the task. */
async function measure(): Promise<Figures> {
  const { clock } = await currentRuntime();
  const inflight = new Inflight(() => clock.now());
  const heartbeat = startHeartbeat({
    clock,
    inflight,
    idleMs: 1000,
    send() {},
  });
  const gateway = (app: App) =>
    createGateway(app, {
      inflight,
      onBusy: () => heartbeat.busy(),
      onLimit() {},
      maxRequests: 0,
      onFailure() {},
      dev: false,
    });
  const context: AppContext = {
    waitUntil() {},
    passThroughOnException() {},
    props: {},
    earlyHints: () => false,
    trailers: () => Promise.resolve(new Headers()),
    sendTrailers: () => false,
    forwardedCertificate() {
      return undefined;
    },
  };
  const requests = Array.from(
    { length: OPEN },
    (_, id) => new Request(`http://localhost/${id}`),
  );
  const [request] = requests as [Request];
  const response = new Response("Hello World");
  const sync: App = { style: "fetch", call: () => response };
  const async: App = {
    style: "fetch",
    call: () => Promise.resolve(response),
  };
  const [syncGateway, asyncGateway] = [gateway(sync), gateway(async)];

  const bench = new Bench({ time: 500, warmupTime: 200 });
  bench.add("sync app", () => {
    for (let call = 0; call < CALLS; call++) {
      sync.call(request as never, undefined as never, context);
    }
  });
  bench.add("sync gateway", () => {
    for (let call = 0; call < CALLS; call++) {
      syncGateway.fetch(request, undefined);
    }
  });
  bench.add("async app", async () => {
    for (let call = 0; call < CALLS; call += OPEN) {
      await Promise.all(
        requests.map((one) =>
          async.call(one as never, undefined as never, context)
        ),
      );
    }
  });
  bench.add("async gateway", async () => {
    for (let call = 0; call < CALLS; call += OPEN) {
      await Promise.all(
        requests.map((one) => asyncGateway.fetch(one, undefined)),
      );
    }
  });
  await bench.run();
  heartbeat.close();
  return Object.fromEntries(bench.tasks.map(({ name, result }) => {
    if (!("latency" in result)) {
      throw new Error(`Cannot measure "${name}": ${result.state}`);
    }
    return [name, result.latency.p50 * 1e6 / CALLS];
  }));
}

const { values: flags } = parseArgs({
  options: {
    here: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
  },
});

if (flags.here) {
  console.log(JSON.stringify(await measure()));
  process.exit(0);
}

console.log(`${machine()}\n`);
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds: Figures[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const text = printedBy(runtime, fileURLToPath(import.meta.url));
    rounds.push(JSON.parse(text));
  }
  for (const kind of ["sync", "async"]) {
    const of = (name: string) => rounds.map((round) => round[name] ?? NaN);
    const [app, gateway] = [of(`${kind} app`), of(`${kind} gateway`)];
    rows.push([
      runtime,
      kind,
      median(app).toFixed(0),
      median(gateway).toFixed(0),
      spread(gateway.map((ns, round) => ns - (app[round] ?? NaN)), 0),
    ]);
  }
}
console.log(table([
  "Runtime",
  "App",
  "called directly, ns",
  "through the gateway, ns",
  "difference, ns (min–max)",
], rows));
