import { PoolMetrics } from "../../src/launch/pool-metrics.ts";
import type { CountsRecord } from "../../src/telemetry/sums.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { build, configOf } from "../arbiter/site.ts";
import * as assert from "../support/assert.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { figuresOf } from "../support/fake/figures.ts";

const metrics = suite("metrics of a pool");

/** A worker that serves, and what is measured of it. */
async function serve(options: CornConfig = {}) {
  let measured: PoolMetrics | undefined;
  const site = await build({ workers: 1, ...options }, {
    witness: () => measured?.witness,
  });
  const { arbiter, runtime } = site;
  const made = measured = new PoolMetrics({
    runtime,
    arbiter: () => arbiter,
    warn: (text) => assert.unreachable(text),
  });
  const configure = async (settings: CornConfig) =>
    made.configure((await configOf(settings)).settings);
  await configure(options);
  await arbiter.prepare();
  arbiter.start();
  const worker = runtime.child(1);
  worker.boot();
  return { arbiter, runtime, worker, metrics: made, configure };
}

/** A worker tells how many requests it has had. */
function tell(worker: FakeChild, requests: number): void {
  worker.say(figuresOf({ requests }));
}

/** How often workers tell figures, as they were told last. */
const everyMs = ({ messages }: FakeChild) =>
  messages.filter(({ type }) => type === "figure").map((one) =>
    (one as { everyMs?: number }).everyMs
  ).at(-1);

const requestsOf = ({ slots }: CountsRecord) =>
  slots.reduce((sum, [, { requests }]) => sum + requests, 0);

metrics("without --metrics nothing is measured or written", async () => {
  const { metrics, worker } = await serve();
  assert.is(metrics.witness, undefined);
  assert.is(metrics.families(), undefined);
  assert.is(await metrics.write("text"), undefined);
  assert.is(everyMs(worker), undefined);
});

metrics("with it they tell what workers did and run on", async () => {
  const { metrics, worker } = await serve({ metrics: true });
  assert.is(everyMs(worker), 1000);
  tell(worker, 5);
  const text = await metrics.write("text") ?? "";
  assert.match(text, 'corn_worker_requests_total{worker="1"} 5\n');
  assert.match(text, 'worker_runtime="node"');
  assert.ok((metrics.families()?.families ?? []).length > 0);
});

metrics("a reload may begin with them and may end them", async () => {
  const { metrics, worker, configure } = await serve();
  await configure({ metrics: true });
  assert.is(everyMs(worker), 1000);
  tell(worker, 5);
  await configure({});
  assert.is(everyMs(worker), 0, "workers rest");
  assert.is(await metrics.write("text"), undefined);
  await configure({ metrics: true });
  tell(worker, 7);
  assert.match(
    await metrics.write("text") ?? "",
    'corn_worker_requests_total{worker="1"} 7\n',
    "what was counted before stays",
  );
});

metrics("a counter of the log counts each line", async () => {
  const { metrics } = await serve({ metrics: true });
  for (const text of ["one", "two"]) {
    metrics.note({ time: new Date(0), level: "warning", pid: 1, text });
  }
  assert.match(
    await metrics.write("text") ?? "",
    'corn_log_lines_total{level="warning"} 2\n',
  );
});

metrics(
  "the other arbiter is told each second, and once at the end",
  async () => {
    const { metrics, runtime, worker } = await serve({ metrics: true });
    const told: number[] = [];
    metrics.share(7, (record) => told.push(requestsOf(record)));
    assert.equal(told, [0]);
    tell(worker, 3);
    runtime.clock.pass(999);
    assert.equal(told, [0]);
    runtime.clock.pass(1);
    assert.equal(told, [0, 3]);
    tell(worker, 4);
    metrics.unshare();
    assert.equal(told, [0, 3, 4], "nothing of the last second is lost");
    runtime.clock.pass(5000);
    metrics.unshare();
    assert.equal(told, [0, 3, 4]);
  },
);

metrics(
  "what the other arbiter counted is written, and not told back",
  async () => {
    const { metrics, worker } = await serve({ metrics: true });
    const other = await serve({ metrics: true });
    tell(other.worker, 10);
    other.metrics.share(100, (record) => metrics.takeSums(7, record));
    tell(worker, 2);
    assert.match(
      await metrics.write("text") ?? "",
      'corn_worker_requests_total{worker="1"} 12\n',
    );
    const told: number[] = [];
    metrics.share(7, (record) => told.push(requestsOf(record)));
    assert.equal(told, [2]);
  },
);

metrics("who asks while they are written shares what comes next", async () => {
  const { metrics, runtime, worker } = await serve({ metrics: true });
  tell(worker, 1);
  const [first, second, third] = [1, 2, 3].map(() => metrics.write("text"));
  assert.is(second, third);
  assert.match(await first ?? "", 'corn_worker_requests_total{worker="1"} 1\n');
  tell(worker, 2);
  await settle();
  runtime.clock.pass(0);
  assert.match(
    await second ?? "",
    'corn_worker_requests_total{worker="1"} 2\n',
  );
});

metrics("after a text that took long there is a longer rest", async () => {
  const { arbiter, metrics, runtime } = await serve({ metrics: true });
  const { clock } = runtime;
  arbiter.view.certificates = () => {
    clock.block(10);
    return [];
  };
  const first = metrics.write("text");
  let written = false;
  void metrics.write("text").then(() => written = true);
  await first;
  await settle();
  clock.pass(29);
  await settle();
  assert.not(written);
  clock.pass(1);
  await settle();
  assert.ok(written);
});

metrics("a reload may count in other buckets", async () => {
  const { metrics, configure } = await serve({ metrics: true });
  await configure({ metrics: true, metricsBuckets: [0.5, 2] });
  let buckets: readonly number[] = [];
  metrics.share(7, ({ bucketsMs }) => buckets = bucketsMs);
  assert.equal(buckets, [500, 2000]);
});

metrics("one other arbiter is told, until there is none", async () => {
  const { metrics, runtime } = await serve({ metrics: true });
  const { length } = runtime.clock.due();
  const told: number[] = [];
  metrics.share(7, () => told.push(7));
  metrics.share(8, () => told.push(8));
  runtime.clock.pass(1000);
  assert.equal(told, [7, 8, 8]);
  metrics.unshare();
  assert.is(runtime.clock.due().length, length, "no timer is left");
});

metrics.run();
