import { Buffer } from "node:buffer";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createWireEngine } from "../../../src/http/engine/engine.ts";
import type { WireOptions } from "../../../src/http/engine/engine.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type {
  Address,
  Answer,
  SocketAnswer,
  Source,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";
import type {
  Channel,
  ChannelEvents,
  Transport,
  TransportOptions,
} from "../../../src/runtime/transport.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";
// Its apps find the engine's own Response.
import "../connection/line.ts";

const engine = suite("createWireEngine()");

const address: Address = { kind: "tcp", host: "127.0.0.1", port: 1 };
const source: Source = { kind: "descriptor", descriptor: 3, address };
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

interface Given extends Partial<Omit<WireOptions, "handler" | "transport">> {
  handle?: (request: Request) => Answer;
}

/** An engine on sockets of the test's own. */
function begin({ handle = () => new Response("x"), ...more }: Given = {}) {
  const clock = new FakeClock();
  const told: string[] = [];
  const keyed: unknown[] = [];
  /** What is called once all was read. */
  const reads: (() => void)[] = [];
  let listening: TransportOptions | undefined;
  let gate: Promise<void> | undefined;
  const transport: Transport = {
    prepareTls: () => Promise.resolve(),
    async listen(_source, options) {
      listening = options;
      await gate;
      return {
        address,
        close: () => void told.push("close"),
        accept: (on) => (told.push(on ? "accept" : "rest"), true),
        rekey: (material) => void keyed.push(material),
      };
    },
    latin1: (bytes, from, to) =>
      Buffer.from(bytes).toString("latin1", from, to),
    byteLength: (text) => Buffer.byteLength(text),
    join: (pieces) => new Uint8Array(Buffer.concat(pieces)),
    soon: (run) => run(),
    whenRead: (run) => void reads.push(run),
  };
  const one = createWireEngine({
    handler: { style: "fetch", fetch: handle, node() {} },
    report: (text) => void told.push(text),
    ...{ keepAliveMs: 5000, backlog: 16, limits: defaultLimits },
    ...{ transport, clock, observer: undefined },
    ...more,
  } as WireOptions);
  /** Lets time pass, and reads all that has come before each look. */
  const pass = (ms: number) => {
    for (let at = 0; at < ms; at += 50) {
      clock.pass(50);
      for (const run of reads.splice(0)) run();
    }
  };
  /** A client that connects, and what it sees. */
  const connect = ({ secure = false } = {}) => {
    const seen = { text: "", ending: "" };
    const channel: Channel = {
      lends: true,
      secure,
      write: (text, bytes, after = "") => {
        seen.text += text + Buffer.from(bytes ?? []).toString() + after;
        return true;
      },
      pending: () => 0,
      pause() {},
      resume() {},
      end: () => void (seen.ending ||= "end"),
      cut(reset) {
        seen.ending ||= reset ? "reset" : "cut";
        events.onClose();
      },
      peer: () => undefined,
      setPeer() {},
      env: () => ({}),
    };
    const events: ChannelEvents = listening!.accept(channel);
    return {
      seen,
      channel,
      send: (text: string) =>
        events.onData(new Uint8Array(Buffer.from(text, "latin1"))),
      leave: () => events.onClose(),
    };
  };
  return {
    ...{ one, clock, told, keyed, reads, pass, connect },
    options: () => listening!,
    hold: (until: Promise<void>) => void (gate = until),
  };
}

engine("open() listens, and again where a socket was released", async () => {
  const { one, told, options } = begin();
  assert.equal(await one.open(source), address);
  assert.is(options().backlog, 16);
  assert.is(options().prefaced, false);
  assert.is(one.release(3), true);
  assert.is(one.release(4), false);
  assert.equal(await one.open(source), address);
  assert.equal(told, ["rest", "accept"]);
});

engine("a request is answered with the date of its second", async () => {
  const { one, clock, connect, pass } = begin();
  await one.open(source);
  const { seen, send } = connect();
  const dates = () => seen.text.match(/date: .*? GMT/g);
  send(GET);
  assert.match(seen.text, /^HTTP\/1\.1 200 OK[^]*x$/);
  assert.equal(dates(), ["date: Thu, 01 Jan 1970 01:00:00 GMT"]);
  pass(1000);
  send(GET);
  assert.is(dates()?.[1], "date: Thu, 01 Jan 1970 01:00:01 GMT");
  assert.is(clock.due().length, 1, "it is looked at");
});

engine(
  "an idle engine never wakes, and knows what time it is then",
  async () => {
    const { one, clock, connect, pass } = begin();
    await one.open(source);
    const first = connect();
    first.send(GET);
    first.leave();
    pass(250);
    assert.equal(clock.due(), []);
    clock.pass(60_000);
    const second = connect();
    second.send(GET);
    assert.match(second.seen.text, "date: Thu, 01 Jan 1970 01:01:00 GMT");
  },
);

engine("connections are held to their times", async () => {
  const { one, connect, pass } = begin();
  await one.open(source);
  const { seen, send } = connect();
  send(GET);
  pass(5000);
  assert.is(seen.ending, "");
  pass(500);
  assert.is(seen.ending, "end");
});

engine("what came while nothing was read is read first", async () => {
  const { one, clock, connect, reads } = begin();
  await one.open(source);
  const { seen, send } = connect();
  send(GET);
  // The event loop stood still, and the request lies unread.
  clock.pass(6000);
  for (let look = 0; look < 3; look++) {
    const [run] = reads.splice(0, 1);
    if (look === 0) send(GET);
    run?.();
    clock.pass(250);
  }
  assert.is(seen.ending, "");
  assert.is(seen.text.match(/200 OK/g)?.length, 2);
});

engine("drain() answers what is open, and ends with the last", async () => {
  const gate = Promise.withResolvers<Response>();
  const { one, told, connect, clock } = begin({
    handle: (request) =>
      request.url.endsWith("/slow") ? gate.promise : new Response("x"),
  });
  await one.open(source);
  const slow = connect();
  const quick = connect();
  slow.send(GET.replace("/ ", "/slow "));
  let closed = false;
  let drained = false;
  void one.drain(() => closed = true).then(() => drained = true);
  assert.equal([closed, told], [true, ["close"]]);
  quick.send(GET);
  assert.match(quick.seen.text, /connection: close[^]*x$/);
  quick.leave();
  await settle();
  assert.is(drained, false);
  slow.leave();
  await settle();
  assert.is(drained, true);
  assert.equal(clock.due(), [], "nothing is left to look at");
  gate.resolve(new Response());
});

engine("drain() of an idle engine is over at once", async () => {
  const { one } = begin();
  await one.open(source);
  assert.is(await one.drain(), undefined);
});

engine("close() cuts all, and ends a drain", async () => {
  const { one, told, connect } = begin();
  await one.open(source);
  const { seen, send } = connect();
  send(GET);
  const drained = one.drain();
  one.close();
  assert.is(await drained, undefined);
  assert.is(seen.ending, "reset");
  assert.equal(told, ["close"], "once");
});

engine("close() ends an engine that was not drained", async () => {
  const { one, told, connect, clock, pass } = begin();
  await one.open(source);
  const { seen, send } = connect();
  send(GET);
  one.close();
  assert.equal([seen.ending, told], ["reset", ["close"]]);
  pass(250);
  assert.equal(clock.due(), []);
});

engine("what came by TLS is for https, the next request too", async () => {
  const { one, connect } = begin({
    handle: (request) => new Response(request.url),
  });
  await one.open(source);
  for (const secure of [true, false]) {
    const { seen, send } = connect({ secure });
    const scheme = secure ? "https" : "http";
    for (const path of ["/1", "/2"]) {
      send(GET.replace("/ ", `${path} `));
      assert.ok(seen.text.endsWith(`${scheme}://a${path}`), seen.text);
    }
    send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert.ok(seen.text.endsWith(`${scheme}://localhost/`), seen.text);
    const other = secure ? "http" : "https";
    send(GET.replace("/ ", `${other}://a/ `));
    assert.match(seen.text, "HTTP/1.1 421 ");
  }
});

engine("no request becomes a WebSocket where there are none", async () => {
  let session: unknown = "not asked";
  const { one, options, connect } = begin({
    handle: (request) => {
      session = options().upgrade?.(request, { atOnce: true } as SocketAnswer);
      return new Response("x");
    },
  });
  await one.open(source);
  const { seen, send } = connect();
  const fields = [
    "Connection: upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  send(GET.replace("\r\n\r\n", `\r\n${fields.join("\r\n")}\r\n\r\n`));
  assert.is(session, undefined);
  assert.match(seen.text, "HTTP/1.1 200 ");
});

engine("it takes as many connections as it may, which end soon", async () => {
  const { one, told, connect } = begin({ connections: 2 });
  await one.open(source);
  const first = connect();
  first.send(GET);
  assert.not.match(first.seen.text, "connection: close");
  const second = connect();
  assert.equal(told, ["rest"]);
  second.send(GET);
  assert.match(second.seen.text, "connection: close");
  second.leave();
  assert.equal(told, ["rest", "accept"]);
  first.leave();
  assert.equal(told, ["rest", "accept"]);
});

engine("a request knows its connection, and no other does", async () => {
  let seen: unknown;
  const { one, connect, options } = begin({
    handle: (request) => {
      seen = options().channelOf(request);
      return new Response(request.url);
    },
  });
  await one.open(source);
  const { channel, send } = connect();
  send(GET);
  assert.is(seen, channel);
  assert.is(options().channelOf(new Request("http://localhost/")), undefined);
});

engine("newer certificates are for all that listen, later too", async () => {
  const [old, newer] = [{}, {}] as [TlsMaterial, TlsMaterial];
  const secure: Source = { ...source, secure: true };
  const { one, keyed, hold, options } = begin({ tls: old });
  const gate = Promise.withResolvers<void>();
  hold(gate.promise);
  const opening = one.open(secure);
  one.rekey?.(newer);
  gate.resolve();
  await opening;
  assert.is(options().tls, old);
  assert.equal(keyed.map((one) => one === newer), [true], "meanwhile");
  await one.open({ ...secure, descriptor: 4 });
  assert.is(options().tls, newer);
  assert.is(keyed.length, 1);
  one.rekey?.(old);
  assert.equal(keyed.map((one) => one === old), [false, true, true]);
  await one.open({ ...source, descriptor: 5 });
  assert.not.ok(options().tls, "it speaks none");
});

engine("a PROXY header comes before all else, where it is to", async () => {
  const trusted = { kind: "tcp", address: "192.0.2.1", port: 1 } as const;
  const { one, connect, told, options, pass } = begin({
    proxyProtocol: { versions: "auto", trusts: () => true },
  });
  await one.open(source);
  assert.is(options().prefaced, true);
  const good = connect();
  const peers: unknown[] = [];
  good.channel.setPeer = (peer) => void peers.push(peer);
  good.send(`PROXY TCP4 192.0.2.1 192.0.2.2 1 80\r\n${GET}`);
  assert.match(good.seen.text, /^HTTP\/1\.1 200 OK/);
  assert.equal(peers, [trusted]);
  const bad = connect();
  bad.send(GET);
  assert.not.match(bad.seen.text, "200 OK");
  assert.is(told.length, 1);
  assert.ok(bad.seen.ending !== "");
  const silent = connect();
  let drained = false;
  void one.drain().then(() => drained = true);
  good.leave();
  pass(6000);
  await settle();
  assert.ok(silent.seen.ending !== "", "it has the time of an unused one");
  assert.is(drained, true);
});

engine("a place is given to one request at a time", async () => {
  const asked: string[] = [];
  let watch = (_free: boolean) => {};
  const { one, connect, told } = begin({
    place: {
      expect: () => void asked.push("expect"),
      take: () => asked.push("take") > 0,
      wait() {},
      leave: () => void asked.push("leave"),
      watch: (run) => void (watch = run),
    },
  });
  await one.open(source);
  const { seen, send } = connect();
  watch(false);
  assert.equal(told, ["rest"]);
  send(GET);
  assert.match(seen.text, /200 OK[^]*x$/);
  assert.not.match(seen.text, "connection: close");
  await settle();
  assert.equal(asked, ["expect", "take", "leave"]);
  watch(true);
  assert.equal(told, ["rest", "accept"]);
  connect();
  assert.equal(told.length, 2, "connections do not count");
});

engine("what takes over a connection is held to its own times", async () => {
  const heard: string[] = [];
  const { one, connect, pass } = begin({
    handle(request) {
      WireRequest.exchangeOf(request)?.leaveTo({
        onData: ({ length }) => void heard.push(`data ${length}`),
        onDrain() {},
        onEnd() {},
        onClose: () => void heard.push("close"),
        check: () => void heard.push("check"),
        cut: () => void heard.push("cut"),
      });
      return new Response();
    },
  });
  await one.open(source);
  for (const gives of [true, false]) {
    heard.length = 0;
    const client = connect();
    let given: ChannelEvents | undefined;
    if (gives) client.channel.giveTo = (events) => void (given = events);
    client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    );
    assert.is(given !== undefined, gives);
    if (gives) given?.onData(new Uint8Array(3));
    else client.send("abc");
    pass(250);
    one.close();
    if (gives) given?.onClose();
    else client.leave();
    assert.equal(heard, ["data 3", "check", "cut", "close"]);
    pass(250);
    assert.is(heard.length, 4);
  }
});

engine.run();
