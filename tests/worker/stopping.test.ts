import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { Stopping } from "../../src/worker/stopping.ts";
import type { StoppingParts } from "../../src/worker/stopping.ts";
import type { EndOptions } from "../../src/worker/ending.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import { FakeLink, FakeRuntime, settle } from "../support/fake/runtime.ts";

const stopping = suite("Stopping");

interface Given {
  /** Requests that are open. */
  readonly open?: number;
  /** WebSockets that are. */
  readonly sockets?: number;
  /** A recording is to be written before the end. */
  readonly records?: boolean;
  readonly drainFailure?: Error;
}

/** A worker that serves, and in which order what it has is told to end. */
function start({ open = 0, sockets = 0, records, drainFailure }: Given = {}) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const told: string[] = [];
  const idle = Promise.withResolvers<void>();
  const recorded = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  let begun = false;
  const parts = {
    host: createHost(runtime, link),
    inflight: { open, idle: () => idle.promise },
    ending: {
      get begun() {
        return begun;
      },
      stage: "workerExit",
      end({ code, stop, withinMs }: EndOptions) {
        begun = true;
        const within = withinMs === undefined ? "" : ` in ${withinMs} ms`;
        told.push(`end ${code} ${stop}${within}`);
      },
    },
    sockets: {
      size: sockets,
      expected: 0,
      drain: (ms: number) => void told.push(`sockets drain ${ms}`),
      close: ({ code }: { code: number }) => {
        told.push(`sockets close ${code}`);
        return Promise.resolve();
      },
    },
    recording: {
      recordLast: () => records ? recorded.promise : undefined,
    },
    serving: {
      boot: { plan: { sockets: { drainMs: 300 }, life: { gracefulMs: 7000 } } },
      engine: {
        drain(onClosed: () => void) {
          told.push("engine drains");
          onClosed();
          return drainFailure === undefined
            ? drained.promise
            : Promise.reject(drainFailure);
        },
        close: () => void told.push("engine closes"),
      },
      app: { listens: { end: () => void told.push("app ends") } },
    },
    exit: (code: number) => void told.push(`exit ${code}`),
  } as unknown as StoppingParts;
  return {
    runtime,
    stopping: new Stopping(parts),
    /** What was told to end since it was asked last. */
    async told() {
      await settle();
      return told.splice(0);
    },
    /** What the arbiter was told. */
    sent: () =>
      link.sent.splice(0).map((one) =>
        "text" in one ? String(one.text) : one.type
      ),
    ...{ idle, recorded, drained },
  };
}

stopping(
  "a drain waits for what is open, then for the last recording",
  async () => {
    const { stopping, told, sent, drained, idle, recorded } = start({
      records: true,
    });
    assert.not(stopping.begun);
    assert.is(stopping.graceMs, 7000);
    void stopping.drain(5000);
    assert.ok(stopping.begun);
    assert.equal(await told(), ["sockets drain 300", "engine drains"]);
    assert.equal(sent(), ["closed"]);
    drained.resolve();
    assert.equal(await told(), []);
    idle.resolve();
    assert.equal(await told(), []);
    recorded.resolve();
    assert.equal(await told(), ["app ends", "end 0 true"]);
  },
);

stopping("a worker that has not booted has nothing to wait for", () => {
  const parts = { serving: {} } as unknown as StoppingParts;
  assert.is(new Stopping(parts).graceMs, 0);
});

stopping("a drain without a recording ends once all is done", async () => {
  const { stopping, told, drained, idle } = start();
  void stopping.drain(200);
  drained.resolve();
  idle.resolve();
  assert.equal(await told(), [
    "sockets drain 200",
    "engine drains",
    "app ends",
    "end 0 true",
  ]);
});

stopping("a drain that fails closes what is left, and says why", async () => {
  const { stopping, told, sent, idle } = start({
    drainFailure: new Error("no"),
  });
  void stopping.drain(5000);
  idle.resolve();
  assert.equal((await told()).slice(2), [
    "engine closes",
    "app ends",
    "end 0 true",
  ]);
  assert.match(sent()[1] ?? "", /^Drain failed\nError: no/);
});

stopping(
  "what is open at the graceful timeout is cut, and counted",
  async () => {
    const { runtime, stopping, told, sent, recorded } = start({
      ...{ open: 2, sockets: 1, records: true },
    });
    void stopping.drain(5000);
    // A second order can only shorten it.
    void stopping.drain(2000);
    await told();
    sent();
    runtime.clock.pass(1999);
    assert.equal([await told(), sent()], [[], []]);
    runtime.clock.pass(1);
    assert.equal(sent(), [
      "Cut 2 open requests and 1 open WebSocket: the graceful timeout of 2 s is over",
    ]);
    assert.equal(await told(), ["engine closes"]);
    recorded.resolve();
    // Sooner than the arbiter kills it, a second after that.
    assert.equal(await told(), ["app ends", "end 0 true in 700 ms"]);
    runtime.clock.pass(3000);
    assert.match(
      sent()[0] ?? "",
      "Exit before workerExit: the graceful timeout",
    );
    assert.equal(await told(), ["exit 0"]);
  },
);

stopping("a drain that only waits for clients says so", async () => {
  const { runtime, stopping, sent } = start();
  void stopping.drain(1000);
  await settle();
  sent();
  runtime.clock.pass(1000);
  assert.match(
    sent()[0] ?? "",
    /^Cut answers that go on, or connections that stay open: /,
  );
});

stopping(
  "a quit and a cut tell WebSockets, and wait for nothing else",
  async () => {
    const quit = start({ open: 1, sockets: 1 });
    void quit.stopping.quit();
    assert.equal(await quit.told(), [
      "sockets close 1001",
      "engine closes",
      // Sooner than the arbiter kills it, 2 s after its order.
      "end 0 false in 1500 ms",
    ]);
    const cut = start({ open: 1 });
    void cut.stopping.cut(500);
    assert.equal(await cut.told(), ["engine closes", "app ends", "end 0 true"]);
    assert.ok(cut.stopping.begun);
  },
);

stopping.run();
