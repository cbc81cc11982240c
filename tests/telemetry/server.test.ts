import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { LogEvent } from "../../src/log/event.ts";
import { ServerMetrics } from "../../src/telemetry/server.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";

const server = suite("ServerMetrics");

const statsd = {
  target: { kind: "udp", host: "127.0.0.1", port: 8125 },
  prefix: "",
  tags: "",
} as const;

function start() {
  const runtime = new FakeRuntime();
  const state = { workers: 2, backlog: undefined as number | undefined };
  const metrics = new ServerMetrics({
    runtime,
    workers: () => state.workers,
    backlog: () => state.backlog,
    report: () => {},
  });
  return {
    runtime,
    state,
    metrics,
    /** What went out within a time. */
    async pass(ms: number): Promise<string[]> {
      const before = runtime.outlets.map(({ sent }) => sent.length);
      for (let passed = 0; passed < ms; passed += 1000) {
        runtime.clock.pass(1000);
        await settle();
      }
      return runtime.outlets.flatMap((outlet, n) =>
        outlet.texts().slice(before[n] ?? 0)
      ).flatMap((text) => text.split("\n"));
    },
    open: () => runtime.outlets.at(-1)?.events.onOpen(),
  };
}

const event = (level: LogEvent["level"], more: Partial<LogEvent> = {}) => ({
  ...{ time: new Date(0), pid: 1, text: "x" },
  level,
  ...more,
});

server("without statsd nothing is opened and nothing waits", () => {
  const { runtime, metrics } = start();
  metrics.configure({ statsd: undefined, backlog: true });
  metrics.note(event("error"));
  assert.equal(runtime.clock.due(), []);
  assert.equal(runtime.outlets, []);
});

server(
  "workers are told when their number changes, and each ten seconds",
  async () => {
    const { metrics, state, open, pass } = start();
    metrics.configure({ statsd, backlog: false });
    open();
    assert.equal(await pass(1000), ["gunicorn.workers:2|g"]);
    assert.equal(await pass(8000), []);
    state.workers = 3;
    assert.equal(await pass(2000), ["gunicorn.workers:3|g"]);
    assert.equal(await pass(10_000), ["gunicorn.workers:3|g"]);
    const none = start();
    none.state.workers = 0;
    none.metrics.configure({ statsd, backlog: false });
    none.open();
    assert.equal(await none.pass(1000), ["gunicorn.workers:0|g"]);
  },
);

server(
  "the backlog is told each second where it is asked for and known",
  async () => {
    const { metrics, state, open, pass } = start();
    metrics.configure({ statsd, backlog: true });
    open();
    assert.equal(await pass(2000), ["gunicorn.workers:2|g"]);
    state.backlog = 7;
    const told = await pass(4000);
    assert.ok(told.length >= 3);
    assert.ok(told.every((line) => line === "gunicorn.backlog:7|h"));
  },
);

server(
  "the log's events are counted by level, what the app threw apart",
  async () => {
    const { metrics, open, pass } = start();
    metrics.configure({ statsd, backlog: false });
    open();
    await pass(1000);
    metrics.note(event("debug"));
    metrics.note(event("info"));
    metrics.note(event("warning"));
    metrics.note(event("error"));
    metrics.note(event("error"));
    metrics.note(event("error", { exception: true }));
    metrics.note(event("critical"));
    metrics.note(event("error", { stream: "stderr" }));
    assert.equal(await pass(1000), [
      "gunicorn.log.warning:1|c|@1.0",
      "gunicorn.log.error:2|c|@1.0",
      "gunicorn.log.exception:1|c|@1.0",
      "gunicorn.log.critical:1|c|@1.0",
    ]);
  },
);

server("configure() goes on with the same statsd, or to another", async () => {
  const { runtime, metrics, open, pass } = start();
  metrics.configure({ statsd, backlog: false });
  open();
  await pass(1000);
  metrics.configure({ statsd: { ...statsd }, backlog: true });
  assert.is(runtime.outlets.length, 1);
  metrics.configure({ statsd: { ...statsd, prefix: "shop" }, backlog: false });
  open();
  assert.equal(await pass(1000), ["shop.gunicorn.workers:2|g"]);
  assert.ok(runtime.outlets[0]?.closed);
  metrics.configure({ statsd: undefined, backlog: false });
  await settle();
  assert.ok(runtime.outlets[1]?.closed);
  assert.equal(runtime.clock.due(), []);
});

server("close() leaves no timer", async () => {
  const { runtime, metrics, open } = start();
  metrics.configure({ statsd, backlog: true });
  open();
  await metrics.flush();
  assert.equal(runtime.outlets[0]?.texts(), ["gunicorn.workers:2|g"]);
  metrics.close();
  assert.ok(runtime.outlets[0]?.closed);
  metrics.note(event("error"));
  assert.equal(runtime.clock.due(), []);
});

server("flush() waits a second for what is not taken", async () => {
  const { runtime, metrics, open } = start();
  metrics.configure({ statsd, backlog: false });
  open();
  runtime.outlets[0]!.takes = false;
  let over = false;
  void metrics.flush().then(() => over = true);
  const overAfter = async (ms: number) => {
    runtime.clock.pass(ms);
    await settle();
    return over;
  };
  assert.equal([await overAfter(999), await overAfter(1)], [false, true]);
  metrics.close();
});

server.run();
