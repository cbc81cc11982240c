import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import type {
  FiguresMessage,
  WorkerMessage,
} from "../../../src/protocol/messages.ts";
import { Figures } from "../../../src/worker/observe/figures.ts";
import { Observers } from "../../../src/worker/observe/observers.ts";
import type { ObserverPlans } from "../../../src/worker/observe/observers.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { exchangeOf } from "../../log/access/exchange.ts";
import type { FakeOutlet } from "../../support/fake/runtime.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";

const observing = suite("observers of a worker");

const PATH = "/var/log/access.log";
const FILE = { path: PATH, format: "%(m)s", byArbiter: false };
const STATSD = {
  target: { kind: "udp", host: "127.0.0.1", port: 8125 },
  prefix: "",
  tags: "",
} as const;

const SYSLOG = {
  target: STATSD.target,
  facility: "local0",
  hostname: "host",
  appName: "corn",
} as const;

/** A worker that observes what these plans say, and what comes of it. */
async function open(plans: Partial<ObserverPlans>) {
  const runtime = new FakeRuntime();
  const sent: WorkerMessage[] = [];
  const host = createHost(runtime, {
    waiting: 0,
    send: (message) => sent.push(message as WorkerMessage) > 0,
  });
  const figures = new Figures(host, new Inflight(() => runtime.clock.now()));
  const flushes: (() => Promise<void>)[] = [];
  const observers = new Observers(host, {
    useFlush: (flush) => void flushes.push(flush),
  }, figures);
  await observers.load({ logs: {}, telemetry: {}, ...plans });
  const observer = observers.open(false);
  for (const { events } of runtime.outlets) events.onOpen();
  return {
    runtime,
    observers,
    observer,
    /** A request that has ended. */
    request: () => observer?.onEnd(exchangeOf()),
    /** What the arbiter is told when it asks. */
    figures() {
      figures.tellEvery(1000);
      return sent.at(-1) as FiguresMessage;
    },
    /** The worker ends: what went out last. */
    async end(): Promise<string[]> {
      observers.close();
      await Promise.all(flushes.map((flush) => flush()));
      return runtime.outlets.flatMap((outlet) => outlet.texts());
    },
  };
}

observing("nothing observes where nothing is asked for", async () => {
  const { observers, observer, figures } = await open({});
  assert.is(observers.wanted, false);
  assert.is(observer, undefined);
  assert.equal(figures().ended, []);
});

observing("a request is a line of the access log", async () => {
  const { observers, runtime, request, end } = await open({
    logs: { access: { skip: [], file: FILE } },
  });
  assert.ok(observers.wanted);
  request();
  observers.reopen();
  assert.is(runtime.files.texts.get(PATH), "GET\n");
  runtime.files.texts.set(PATH, "");
  request();
  assert.equal(await end(), []);
  assert.is(runtime.files.texts.get(PATH), "GET\n", "it was in a new file");
});

observing("the end waits for lines on their way to syslog", async () => {
  const { runtime, request, end } = await open({
    logs: {
      access: {
        skip: [],
        syslog: { ...SYSLOG, format: "%(m)s %(s)s" },
      },
    },
  });
  const outlet = runtime.outlets[0] as FakeOutlet;
  outlet.takes = false;
  request();
  let ended = false;
  const ending = end().then(() => ended = true);
  await settle();
  assert.not(ended);
  assert.match(outlet.texts()[0] ?? "", /GET 200$/);
  outlet.sent[0]?.told();
  await ending;
  assert.ok(ended);
});

observing("the end waits for messages for half a second", async () => {
  const { runtime, request, end } = await open({
    logs: {
      access: { skip: [], syslog: { ...SYSLOG, format: "%(m)s" } },
    },
    telemetry: { statsd: STATSD },
  });
  const outlets = runtime.outlets as FakeOutlet[];
  for (const outlet of outlets) outlet.takes = false;
  request();
  let ended = false;
  void end().then(() => ended = true);
  outlets[0]?.sent[0]?.told();
  runtime.clock.pass(499);
  await settle();
  assert.not(ended, "statsd has not taken them");
  runtime.clock.pass(1);
  await settle();
  assert.ok(ended);
});

observing("a request is counted for the arbiter", async () => {
  const { request, figures } = await open({
    telemetry: { requests: { bucketsMs: [10] } },
  });
  request();
  assert.equal(
    figures().ended.map(({ method, status, counts }) => [
      ...[method, status],
      counts,
    ]),
    [["GET", 200, [0, 1]]],
  );
});

observing("statsd is told of requests and WebSockets, to the end", async () => {
  const { observers, request, end, figures } = await open({
    telemetry: { statsd: STATSD },
  });
  request();
  observers.sockets.onOpen();
  observers.sockets.onEnd(1000, 20);
  const { sockets } = figures();
  assert.equal([sockets?.opened, sockets?.closed], [1, { "1000": 1 }]);
  const text = (await end()).join("\n");
  for (
    const line of [
      "gunicorn.requests:1|c",
      "corn.websocket.opened:1|c",
      "corn.websocket.closed.1000:1|c",
      "corn.websocket.duration:20|ms",
    ]
  ) {
    assert.match(text, line);
  }
});

observing("all of them see the same request", async () => {
  const { runtime, request, figures, end } = await open({
    logs: { access: { skip: [], file: FILE } },
    telemetry: { requests: { bucketsMs: [10] }, statsd: STATSD },
  });
  request();
  assert.is(figures().ended.length, 1);
  assert.match((await end()).join("\n"), "gunicorn.requests:1|c");
  assert.is(runtime.files.texts.get(PATH), "GET\n");
});

observing.run();
