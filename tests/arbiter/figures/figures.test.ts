import { suite } from "../../support/suite.ts";
import { figuresOf } from "../../support/fake/figures.ts";
import * as assert from "../../support/assert.ts";
import { PoolFigures } from "../../../src/arbiter/figures/figures.ts";
import { countOne, Sums } from "../../../src/telemetry/sums.ts";
import type { PoolNow } from "../../../src/telemetry/pool-now.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import type { SpawnOrder } from "../../../src/arbiter/workers/spawn-order.ts";
import { settle } from "../../support/fake/runtime.ts";
import { prepare } from "../site.ts";
import type { Site } from "../site.ts";

const figures = suite("figures of the pool");

interface Measured extends Site {
  readonly figures: PoolFigures;
  readonly warnings: string[];
  now(): PoolNow;
  /** Ends of workers, without those that have not been. */
  exits(): Record<string, number>;
  reloads(): Record<string, number>;
}

/** Two workers that serve, and what is measured of them. */
async function serve(options: CornConfig = {}): Promise<Measured> {
  let figures: PoolFigures | undefined;
  const warnings: string[] = [];
  const site = await prepare({ metrics: true, ...options }, {
    witness: () => figures,
  });
  const made = figures = new PoolFigures({
    runtime: site.runtime,
    bucketsMs: [10],
    build: {},
    warn: (text) => warnings.push(text),
  });
  site.arbiter.measuring.tellFigures("metrics", 1000);
  site.arbiter.start();
  for (const child of [...site.runtime.children]) child.boot();
  const some = (counts: Map<string, number>) =>
    Object.fromEntries([...counts].filter(([, count]) => count > 0));
  return Object.assign(site, {
    figures: made,
    warnings,
    now: () =>
      made.now({
        pool: site.arbiter.view.state,
        queues: site.arbiter.view.queues(),
        certificates: site.arbiter.view.certificates(),
        tasks: site.arbiter.view.tasks(),
        workerRuntime: site.arbiter.view.workerRuntime(),
      }),
    exits: () => some(made.sums.exits),
    reloads: () => some(made.sums.reloads),
  });
}

figures(
  "a scrape waits for what workers tell of the app's metrics",
  async () => {
    const { figures } = await serve({ workers: 1 });
    const order = { age: 1, slot: 1 } as SpawnOrder;
    const metrics = (id: number, count: number) =>
      figures.onMetrics(order, {
        type: "metrics",
        id,
        text: `# TYPE jobs counter\njobs_total ${count}\n`,
      });
    metrics(0, 1);
    await figures.askApp((_, id) => {
      void settle().then(() => metrics(id, 2));
    });
    assert.match(figures.appLines("text").join("\n"), /^jobs_total.* 2$/m);
  },
);

figures("workers are asked to tell once they are ready", async () => {
  const { runtime, arbiter } = await serve();
  const asked = { type: "figure", everyMs: 1000 };
  assert.equal(runtime.child(1).messages.at(-1), asked);
  arbiter.measuring.tellFigures("metrics", 0);
  assert.equal(runtime.child(1).messages.at(-1), {
    type: "figure",
    everyMs: 0,
  });
  arbiter.measuring.tellFigures("metrics", 0);
  assert.equal(runtime.child(2).told(), ["boot", "figure", "figure"]);
});

figures("what a worker told outlives it", async () => {
  const { runtime, figures: { sums }, now } = await serve();
  const ended = [{ method: "GET", status: 200, sumMs: 9, counts: [2, 1] }];
  const buckets = Array(15).fill(0);
  ended[0]!.counts = buckets.map((_, index) => index === 1 ? 3 : 0);
  runtime.child(1).say(figuresOf({ requests: 3, open: 1, cpuMs: 5, ended }));
  runtime.child(2).say(figuresOf({ requests: 1 }));
  runtime.child(1).exit({ code: 1 });
  runtime.clock.pass(60_000);
  runtime.child(3).boot();
  assert.is(now().workers[0]?.open, 0);
  runtime.child(3).say(figuresOf({ requests: 2, cpuMs: 1, ended }));
  runtime.child(3).say(figuresOf({ requests: 2 }));
  assert.equal(sums.slots.get(1), { requests: 5, cpuMs: 6, restarts: 1 });
  assert.equal(sums.slots.get(2), { requests: 1, cpuMs: 0, restarts: 0 });
  const [row] = [...sums.requests()];
  assert.equal([row?.sumMs, row?.counts], [18, [6, 0]]);
});

figures("a worker that counts backwards takes nothing away", async () => {
  const { runtime, figures: { sums } } = await serve();
  runtime.child(1).say(figuresOf({ requests: 7 }));
  runtime.child(1).say(figuresOf({ requests: 2 }));
  runtime.child(1).say(figuresOf({ requests: 8 }));
  assert.is(sums.slots.get(1)?.requests, 8);
});

figures("the longest lag is told for 15 seconds, whoever asks", async () => {
  const { runtime, now } = await serve();
  const lag = () => now().workers.map(({ lagMs }) => lagMs);
  runtime.child(1).say(figuresOf({ lagMs: 300 }));
  runtime.clock.pass(5000);
  runtime.child(1).say(figuresOf({ lagMs: 20 }));
  assert.equal([lag(), lag()], [[300, 0], [300, 0]]);
  runtime.clock.pass(10_001);
  assert.equal(lag(), [20, 0]);
  runtime.clock.pass(5000);
  assert.equal(lag(), [0, 0]);
});

figures("how busy a loop is follows from what it told", async () => {
  const { runtime, now } = await serve();
  runtime.child(1).say(figuresOf({ busyMs: 100 }));
  runtime.clock.pass(1000);
  runtime.child(1).say(figuresOf({ busyMs: 250 }));
  assert.equal(now().workers.map(({ busy }) => busy), [0.25, undefined]);
});

figures("workers are counted by what they do", async () => {
  const { runtime, arbiter, now } = await serve();
  runtime.child(2).beat({ busy: true, open: 1 });
  runtime.clock.pass(700);
  arbiter.scale(3);
  assert.equal(now().states, {
    booting: 1,
    ready: 1,
    late: 1,
    draining: 0,
    ending: 0,
  });
  assert.equal(now().workers.map(({ up }) => up), [true, false, false]);
  assert.is(now().wanted, 3);
});

figures("a crash and a kill from outside", async () => {
  const { runtime, exits } = await serve();
  runtime.child(1).exit({ code: 1 });
  assert.equal(exits(), { crash: 1 });
  runtime.child(2).exit({ signal: "SIGKILL" });
  assert.equal(exits(), { crash: 1, signal: 1 });
});

figures("whoever has killed a worker is told apart", async () => {
  for (
    const [signal, reason] of [
      ...["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"].map((signal) =>
        [signal, "signal"] as const
      ),
      ["SIGSEGV", "crash"],
    ] as const
  ) {
    const { runtime, exits } = await serve();
    runtime.child(1).exit({ signal });
    assert.equal(exits(), { [reason]: 1 });
  }
  const { runtime, arbiter, exits } = await serve();
  arbiter.kill(2);
  runtime.child(2).exit({ signal: "SIGKILL" });
  assert.equal(exits(), { order: 1 });
});

figures("a silent worker, whatever ends it", async () => {
  const { runtime, exits } = await serve({ timeout: 2 });
  runtime.child(1).beat({ busy: true, open: 1 });
  runtime.clock.pass(2000);
  runtime.child(1).exit({ signal: "SIGABRT" });
  assert.is(exits().silent, 1);
});

figures("workers that were to be replaced", async () => {
  for (
    const [kind, failure] of [
      ["max_requests", false],
      ["lifetime", false],
      ["memory", false],
      ["error", true],
      ["signal", false],
    ] as const
  ) {
    const { runtime, exits, figures: { sums } } = await serve({ workers: 1 });
    runtime.child(1).say({ type: "recycle", kind, reason: kind, failure });
    runtime.clock.pass(1000);
    runtime.child(2).boot();
    runtime.child(1).exit();
    assert.equal(exits(), { [kind]: 1 });
    assert.is(sums.slots.get(1)?.restarts, 1);
  }
});

figures("a worker that does not boot", async () => {
  const { runtime, arbiter, exits } = await serve();
  arbiter.scale(3);
  runtime.child(3).exit({ code: 4 });
  assert.equal(exits(), { boot: 1 });
});

figures("reloads, by what came of them", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter, exits, reloads, now, figures: { sums } } = site;
  const started = now().reloadedAt;
  runtime.clock.pass(5000);
  const done = arbiter.reload();
  await settle();
  runtime.child(2).boot();
  await done;
  runtime.child(1).exit();
  assert.equal(exits(), { reload: 1 });
  assert.equal(reloads(), { done: 1 });
  assert.is(now().reloadedAt, started + 5);
  assert.is(now().generation, 2);
  const failed = arbiter.reload().catch(() => {});
  await settle();
  runtime.child(3).exit({ code: 4 });
  await failed;
  assert.not(now().reloadedWell);
  site.next = new Error("bad");
  await arbiter.reload().catch(() => {});
  assert.equal(reloads(), { done: 1, given_up: 1, refused: 1 });
  assert.equal(exits(), { reload: 1, boot: 1 });
  assert.not(now().reloadedWell);
  assert.is(sums.slots.get(1)?.restarts, 1, "the one that did not boot");
});

figures("a reload that another takes the place of is counted", async () => {
  const { arbiter, reloads } = await serve({ workers: 1 });
  for (const _ of [1, 2]) {
    void arbiter.reload();
    await settle();
  }
  assert.equal(reloads(), { superseded: 1 });
});

figures("traces are kept of requests in the same buckets", async () => {
  const { figures: made } = await serve();
  const order = { age: 1, slot: 1 } as SpawnOrder;
  const traceId = "0123456789abcdef0123456789abcdef";
  const row = {
    ...{ method: "GET", status: 200, sumMs: 5, counts: [1, 0] },
    exemplars: [[0, { traceId, ms: 5 }]],
  };
  const told = figuresOf({ ended: [row, { ...row, exemplars: undefined }] });
  const kept = () =>
    made.exemplars.of({ method: "GET", status: 200 })?.get(0)?.traceId;
  for (const buckets of [[10, 20], [11], []]) {
    made.onFigures(order, told as never, buckets);
    assert.is(kept(), undefined, `${buckets}`);
  }
  made.onFigures(order, told as never, [10]);
  assert.is(kept(), traceId);
  made.useBuckets([10]);
  assert.is(kept(), traceId);
  made.useBuckets([11, 20]);
  assert.is(kept(), undefined, "of other buckets they are not");
  made.onFigures(order, told as never, [11, 30]);
  assert.is(kept(), undefined, "nor where one of them is another");
});

figures("a canary that is rolled back has not failed by itself", async () => {
  const { figures: made, arbiter, reloads } = await serve();
  const { state } = arbiter.view;
  const child = state?.children[0];
  for (
    const [cause, result] of [
      [{ child, why: "2 of 5 answers failed" }, "rolled_back"],
      [{ child, exit: { code: 4 } }, "given_up"],
      [undefined, "given_up"],
    ] as const
  ) {
    const before = reloads()[result] ?? 0;
    const note = { about: "rollout-failed", cause };
    made.onStep({
      ...{ event: { type: "tick" }, before: state, after: state },
      actions: [{ type: "note", note }],
    } as never);
    assert.is(reloads()[result], before + 1);
  }
});

figures("before the start there is a pool without workers", async () => {
  const { figures: made } = await serve();
  const { wanted, generation, workers, states } = made.now({
    ...{ pool: undefined, queues: [], certificates: [], tasks: [] },
    workerRuntime: "node",
  });
  assert.equal([wanted, generation, workers], [0, 1, []]);
  assert.equal(Object.values(states), [0, 0, 0, 0, 0]);
});

figures("what another arbiter has counted is counted in", async () => {
  const { figures: made, runtime } = await serve();
  runtime.usage = { ...runtime.usage, cpuMs: 70 };
  const recordOf = (reloads: number, jobs: number) => {
    const sums = new Sums([10]);
    for (let count = 0; count < reloads; count++) {
      countOne(sums.reloads, "done");
    }
    const app = `# TYPE jobs counter\njobs_total ${jobs}\n`;
    return { ...sums.record(), arbiterCpuMs: 30, app };
  };
  const jobs = () => made.appLines("text").find((line) => line[0] === "j");
  made.takeSums(7, recordOf(1, 1));
  made.takeSums(8, recordOf(3, 4));
  assert.is(made.all().reloads.get("done"), 4);
  assert.is(jobs(), "jobs_total 5");
  // It has counted all of before anew.
  made.takeSums(7, recordOf(2, 2));
  assert.is(made.all().reloads.get("done"), 5);
  assert.is(jobs(), "jobs_total 6");
  // It is told nothing of its own.
  assert.is(made.all(7).reloads.get("done"), 3);
  const { app, arbiterCpuMs } = made.record(7);
  assert.match(app, /^jobs_total 4$/m);
  assert.is(arbiterCpuMs, 30 + 70);
  assert.is(made.record(9).arbiterCpuMs, 2 * 30 + 70);
});

figures("a smaller pool, and the end", async () => {
  const { runtime, arbiter, exits, figures: { sums } } = await serve();
  arbiter.scale(1);
  runtime.child(2).exit();
  assert.equal(exits(), { scale: 1 });
  arbiter.stop("graceful");
  runtime.child(1).exit();
  assert.equal(exits(), { scale: 1, stop: 1 });
  assert.is(sums.slots.get(2)?.restarts, 0);
});

figures("WebSockets of all workers are summed, and outlive them", async () => {
  const { runtime, now, figures } = await serve();
  const sockets = { open: 3, opened: 5, closed: { "1000": 2 } };
  runtime.child(1).say(figuresOf({ sockets }));
  runtime.child(2).say(figuresOf({ sockets: { ...sockets, open: 1 } }));
  runtime.child(2).say(figuresOf());
  assert.equal(now().workers.map((one) => one.sockets), [3, 0]);
  assert.is(figures.sums.socketsOpened, 10);
  runtime.child(1).exit({ code: 0 });
  const { socketsOpened, socketsClosed } = figures.record(0);
  assert.equal([socketsOpened, socketsClosed], [10, { "1000": 4 }]);
});

figures(
  "lines of the log are counted, but for what workers print",
  async () => {
    const { figures: made } = await serve();
    const line = {
      time: new Date(0),
      level: "error",
      pid: 1,
      text: "x",
    } as const;
    made.onLog(line);
    made.onLog({ ...line, level: "info", stream: "stderr" });
    assert.is(made.sums.logLines.get("error"), 1);
    assert.not(made.sums.logLines.get("info"));
  },
);

figures.run();
