import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { measureRequests } from "../../src/telemetry/requests.ts";
import { measureSockets } from "../../src/telemetry/sockets.ts";
import { Statsd } from "../../src/telemetry/statsd.ts";
import type { StatsdOptions } from "../../src/telemetry/statsd.ts";
import {
  type FakeOutlet,
  FakeRuntime,
  settle,
} from "../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../support/random.ts";

const statsd = suite("Statsd");

function start(given: Partial<StatsdOptions> = {}) {
  const runtime = new FakeRuntime();
  const reports: string[] = [];
  const one = new Statsd(runtime, {
    target: { kind: "udp", host: "127.0.0.1", port: 8125 },
    prefix: "",
    tags: "",
    ...given,
  }, (text) => reports.push(text));
  const outlet = runtime.outlets[0] as FakeOutlet;
  outlet.events.onOpen();
  return {
    runtime,
    statsd: one,
    outlet,
    /** What went out within a time, a datagram each. */
    async pass(ms: number): Promise<string[]> {
      const before = outlet.sent.length;
      runtime.clock.pass(ms);
      await settle();
      return outlet.texts().slice(before);
    },
  };
}

statsd("it writes as Gunicorn does", async () => {
  const { statsd, pass } = start();
  statsd.gauge("gunicorn.workers", 4);
  statsd.histogram("gunicorn.backlog", 17);
  statsd.timing("gunicorn.request.duration", 0.9004);
  statsd.count("gunicorn.requests");
  assert.equal(await pass(999), []);
  assert.equal(await pass(1), [
    [
      "gunicorn.workers:4|g",
      "gunicorn.backlog:17|h",
      "gunicorn.request.duration:0.9|ms",
      "gunicorn.requests:1|c|@1.0",
    ].join("\n"),
  ]);
});

statsd("it puts the prefix before and the tags behind", async () => {
  for (const prefix of ["eu.shop", "eu.shop.", "eu.shop..."]) {
    const { statsd, pass } = start({ prefix, tags: "env:prod,team:web" });
    statsd.gauge("gunicorn.workers", 4);
    statsd.count("gunicorn.requests", 2);
    assert.equal(await pass(1000), [
      "eu.shop.gunicorn.workers:4|g|#env:prod,team:web\n" +
      "eu.shop.gunicorn.requests:2|c|@1.0|#env:prod,team:web",
    ]);
  }
});

statsd(
  "it counts for a second, and rests where there is nothing to tell",
  async () => {
    const { statsd, runtime, pass } = start();
    assert.equal(runtime.clock.due(), []);
    for (let n = 0; n < 5000; n++) statsd.count("gunicorn.requests");
    assert.is(runtime.clock.due().length, 1);
    assert.equal(await pass(1000), ["gunicorn.requests:5000|c|@1.0"]);
    assert.equal(runtime.clock.due(), []);
    assert.equal(await pass(10_000), []);
    statsd.count("gunicorn.requests");
    assert.equal(await pass(1000), ["gunicorn.requests:1|c|@1.0"]);
  },
);

statsd(
  "no datagram is larger than its way lets it be, and nothing is left out",
  async () => {
    const seed = anySeed();
    const random = randomFrom(seed);
    for (
      const [target, most] of [
        [{ kind: "udp", host: "127.0.0.1", port: 8125 }, 1432],
        [{ kind: "unix-datagram", path: "/run/dsd" }, 8192],
      ] as const
    ) {
      const { statsd, outlet } = start({
        target,
        prefix: random() < 0.5 ? "grün" : "",
        tags: random() < 0.5 ? "stadt:köln,🌽:ja" : "",
      });
      const wanted: string[] = [];
      for (let n = 0; n < 2000; n++) {
        const name = `m${"x".repeat(Math.floor(random() * 40))}${n}`;
        wanted.push(name);
        if (random() < 0.3) statsd.count(name);
        else statsd.timing(name, random() * 1e4);
      }
      await statsd.flush(1000);
      const packets = outlet.texts();
      for (const packet of packets) {
        const { length } = new TextEncoder().encode(packet);
        assert.ok(length <= most && length > 0, `${length}, seed ${seed}`);
      }
      // One is sent where the next line does not fit into it.
      const size = (text: string) => new TextEncoder().encode(text).length + 1;
      for (const [at, packet] of packets.slice(0, -1).entries()) {
        const [next = ""] = packets[at + 1]!.split("\n");
        assert.ok(size(packet) + size(next) > most, `seed ${seed}`);
      }
      const names = packets.flatMap((packet) => packet.split("\n")).map((
        line,
      ) => /(m[x\d]+):[\d.]+\|(c\|@1\.0|ms)/.exec(line)?.[1]);
      assert.equal(names.toSorted(), wanted.toSorted(), `seed ${seed}`);
    }
  },
);

statsd("flush() sends what there is, close() leaves no timer", async () => {
  const { statsd, outlet, runtime } = start();
  statsd.count("gunicorn.requests");
  await statsd.flush(1000);
  await statsd.flush(1000);
  assert.equal(outlet.texts(), ["gunicorn.requests:1|c|@1.0"], "once");
  statsd.count("gunicorn.requests");
  statsd.close();
  statsd.count("gunicorn.requests");
  assert.equal(runtime.clock.due(), []);
  const idle = start();
  idle.statsd.close();
  idle.statsd.count("gunicorn.requests");
  assert.equal(idle.runtime.clock.due(), []);
});

statsd("measureRequests() tells of each request as Gunicorn does", async () => {
  const { statsd, pass } = start();
  const observer = measureRequests(statsd);
  assert.ok(Object.values(observer.needs).every((needed) => !needed));
  const exchange = {
    method: "GET",
    target: "/",
    protocol: "HTTP/1.1",
    peer: undefined,
    requestHeader: () => undefined,
    responseHeader: () => undefined,
    startMs: 0,
    bytes: undefined,
    aborted: false,
  };
  observer.onEnd({ ...exchange, status: 200, ms: 1.5 });
  observer.onEnd({ ...exchange, status: 404, ms: 2 });
  observer.onEnd({ ...exchange, status: 200, ms: 0.12345 });
  // A WebSocket's time is its own.
  observer.onEnd({ ...exchange, status: 101, ms: 60_000 });
  assert.equal(await pass(1000), [
    [
      "gunicorn.request.duration:1.5|ms",
      "gunicorn.request.duration:2|ms",
      "gunicorn.request.duration:0.123|ms",
      "gunicorn.requests:4|c|@1.0",
      "gunicorn.request.status.200:2|c|@1.0",
      "gunicorn.request.status.404:1|c|@1.0",
      "gunicorn.request.status.101:1|c|@1.0",
    ].join("\n"),
  ]);
});

statsd("measureSockets() tells of each WebSocket", async () => {
  const { statsd, pass } = start();
  const watcher = measureSockets(statsd);
  watcher.onOpen();
  watcher.onOpen();
  watcher.onEnd(1001, 2500);
  watcher.onEnd(4321, 3);
  assert.equal(await pass(1000), [
    [
      "corn.websocket.duration:2500|ms",
      "corn.websocket.duration:3|ms",
      "corn.websocket.opened:2|c|@1.0",
      "corn.websocket.closed.1001:1|c|@1.0",
      "corn.websocket.closed.app:1|c|@1.0",
    ].join("\n"),
  ]);
});

statsd.run();
