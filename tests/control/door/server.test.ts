import { LINGER_MS, UNREAD_BYTES } from "../../../src/control/door/limits.ts";
import { DoorServer } from "../../../src/control/door/server.ts";
import {
  eventBytes,
  responseBytes,
} from "../../../src/control/door/response.ts";
import type {
  EventStream,
  Reply,
  Route,
} from "../../../src/control/door/route.ts";
import type { StreamEvents } from "../../../src/runtime/runtime.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock } from "../../support/fake/clock.ts";
import { FakeStream } from "../../support/fake/stream.ts";
import { settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const server = suite("server");

const pending = Promise.withResolvers<{ json: number }>();

/** What sends to the last client that listens. */
let listener: EventStream | undefined;

const routes: readonly Route[] = [
  { method: "GET", path: "/", summary: "", answer: () => ({ json: 1 }) },
  {
    ...{ method: "POST", path: "/echo", summary: "" },
    answer: ({ body }) => ({ status: 202, json: body }),
  },
  { method: "GET", path: "/wait", summary: "", answer: () => pending.promise },
  {
    method: "GET",
    path: "/events",
    summary: "",
    answer: () => ({
      events(stream) {
        listener = stream;
        return () => {};
      },
    }),
  },
];

function connect(
  asked: (clock: FakeClock) => void = () => {},
  late: Promise<Reply> = pending.promise,
): {
  clock: FakeClock;
  door: DoorServer;
  stream: FakeStream;
  send(text: string): void;
  events: StreamEvents;
} {
  const clock = new FakeClock();
  const [root, ...others] = routes;
  const door = new DoorServer({
    routes: [
      {
        ...root!,
        answer() {
          asked(clock);
          return { json: 1 };
        },
      },
      ...others,
      {
        ...{ method: "GET", path: "/late", summary: "" },
        answer: () => late,
      },
    ],
    readOnly: false,
    overNetwork: false,
    most: 2,
    clock,
    report() {},
  });
  const stream = new FakeStream();
  const events = door.accept(stream);
  const send = (text: string) => events.onData(new TextEncoder().encode(text));
  return { clock, door, stream, send, events };
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

server("a client that asks nothing is let go after 10 s", () => {
  const { clock, stream, send } = connect();
  clock.pass(8000);
  send(GET("/"));
  clock.pass(9000);
  assert.not(stream.ended, "10 s count from the answer");
  clock.pass(2000);
  assert.ok(stream.ended);
  assert.not(stream.isCut);
  clock.pass(3000);
  assert.ok(stream.isCut, "where it does not end its side");
});

server("they count from its first moment where it never asks", () => {
  const { clock, stream } = connect();
  clock.pass(9999);
  assert.not(stream.ended);
  clock.pass(1);
  assert.ok(stream.ended);
});

server("a client's 10 s count from an answer that came late, too", async () => {
  const late = Promise.withResolvers<{ json: number }>();
  const { clock, stream, send } = connect(() => {}, late.promise);
  send(GET("/late"));
  clock.pass(15_000);
  late.resolve({ json: 2 });
  await settle();
  assert.match(stream.text, /^HTTP\/1\.1 200 /);
  clock.pass(9000);
  assert.not(stream.ended);
  clock.pass(2000);
  assert.ok(stream.ended);
});

server("a head that does not come to its end is answered 408", () => {
  const { clock, stream, send } = connect();
  for (let at = 0; at < 12; at++) {
    send(at === 0 ? "GET / HTTP/1.1\r\n" : "a: b\r\n");
    clock.pass(1000);
  }
  assert.match(stream.text, /^HTTP\/1\.1 408 /);
  assert.ok(stream.ended);
});

server("a client that takes nothing of its answer is cut", () => {
  const { clock, stream, send } = connect();
  stream.reads = false;
  send(GET("/"));
  clock.pass(9000);
  stream.pending--;
  clock.pass(9000);
  assert.not(stream.isCut, "it takes a little");
  clock.pass(3000);
  assert.ok(stream.isCut);
});

server(
  "an answer may take its time, and what is sent meanwhile is bounded",
  () => {
    const { clock, stream, send } = connect();
    send(GET("/wait"));
    clock.pass(60_000);
    assert.not(stream.ended);
    send("x".repeat(17 * 1024));
    assert.ok(stream.paused);
  },
);

server("requests wait while their client takes no answer", () => {
  const { clock, stream, send, events } = connect();
  stream.reads = false;
  const many = 2000;
  send(GET("/").repeat(many));
  const answers = () => stream.text.split("HTTP/1.1 200").length - 1;
  for (let turn = 0; answers() < many; turn++) {
    assert.ok(turn < many, `no more than ${answers()} answers`);
    clock.pass(200);
    const before = answers();
    assert.ok(stream.pending < UNREAD_BYTES + 1000, String(stream.pending));
    clock.pass(200);
    assert.is(answers(), before);
    assert.is(stream.paused, before < many - 500);
    stream.pending = 0;
    events.onTaken?.();
  }
  clock.pass(200);
  assert.not(stream.paused);
  send(GET("/").repeat(many));
  clock.pass(12_500);
  assert.ok(stream.isCut, "it takes none at all");
});

server("one that asks for much at once leaves others their turn", () => {
  const { clock, stream, send } = connect();
  send(GET("/").repeat(100));
  const answers = () => stream.text.split("HTTP/1.1 200").length - 1;
  assert.is(answers(), 4);
  clock.pass(1);
  assert.is(answers(), 8);
  clock.pass(30);
  assert.is(answers(), 100);
});

/** So many may ask at a door that lets two wait. */
const ASKING = 16;

server("those who ask for much at once have a fourth of the time", () => {
  let asked = 0;
  const { clock, door, send } = connect((clock) => {
    asked++;
    clock.block(0.25);
  });
  send(GET("/").repeat(1000));
  const other = new FakeStream();
  const text = new TextEncoder().encode(GET("/").repeat(1000));
  door.accept(other).onData(text);
  assert.is(asked, 8);
  const from = clock.now();
  for (let at = 0; at < 160; at++) clock.pass(1);
  const took = (asked - 8) * 0.25;
  assert.ok(took > 30 && took <= (clock.now() - from) / 4 + 4, String(took));
  assert.ok(other.text.split("HTTP/1.1 200").length > 60, "both");
});

server("who keeps the door waiting for longest makes room at once", () => {
  const { clock, door, stream, send } = connect();
  const take = (text?: string) => {
    assert.ok(door.makeRoom());
    clock.pass(1);
    const stream = new FakeStream();
    const events = door.accept(stream);
    if (text !== undefined) events.onData(new TextEncoder().encode(text));
    return stream;
  };
  const waits = take(GET("/wait"));
  const silent = take();
  const slow = take("GET / HTT");
  for (let at = 4; at < ASKING; at++) take();
  clock.pass(1);
  send(GET("/"));
  assert.not(silent.ended);
  take();
  assert.ok(silent.ended);
  take();
  assert.ok(slow.ended, "it has not asked");
  for (let at = 0; at < ASKING - 4; at++) take();
  assert.not(stream.ended, "it has waited since its answer");
  take();
  assert.ok(stream.ended);
  assert.not(waits.ended, "what is answered is none of them");
});

server("those from where most come make room first", () => {
  const { clock, door, events } = connect();
  events.onClose();
  const take = (from: string) => {
    assert.ok(door.makeRoom());
    clock.pass(1);
    const stream = new FakeStream(from);
    door.accept(stream);
    return stream;
  };
  const few = [
    take("10.0.0.1"),
    take("2001:db8:0:1::1"),
    take("fe80::1%eth0"),
    take("not an address"),
  ];
  for (let at = 0; at < 40; at++) take(`2001:db8:0:2::${at}`);
  for (let at = 0; at < 40; at++) take("::ffff:10.0.0.2");
  for (let at = 0; at < 40; at++) take(at % 2 === 0 ? "10.0.0.3" : "10.0.0.4");
  assert.equal(few.map(({ ended }) => ended), [false, false, false, false]);
});

server("those that end make room for others", () => {
  const { clock, door, stream, events } = connect();
  const streams = [stream];
  for (let at = 0; at < 40; at++) {
    assert.ok(door.makeRoom(), String(at));
    const one = new FakeStream();
    streams.push(one);
    one.reads = false;
    door.accept(one).onData(
      new TextEncoder().encode(
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
      ),
    );
    one.pending = 10_000 + at;
  }
  assert.ok(streams.filter(({ isCut }) => isCut).length >= 8);
  assert.not(stream.isCut, "it has not ended");
  events.onClose();
  clock.pass(60_000);
});

server("a client that hears nothing is shown that it still listens", () => {
  const { clock, stream, send, events } = connect();
  send(GET("/events"));
  clock.pass(16_500);
  assert.match(stream.text, /\r\n\r\n: alive\n\n$/);
  const { length } = stream.text;
  stream.reads = false;
  clock.pass(16_500);
  clock.pass(60_000);
  assert.is(stream.text.length, length + 9, "once, while it is not read");
  events.onClose();
  assert.equal(clock.due(), [], "no timer without a client");
});

server("a client that hears something is not shown so", () => {
  const { clock, stream, send } = connect();
  send(GET("/events"));
  clock.pass(10_000);
  listener?.send({ event: "log", data: "x" });
  clock.pass(14_000);
  assert.not.match(stream.text, ": alive");
  clock.pass(2000);
  assert.match(stream.text, /: alive\n\n$/);
});

server("a head or a body over its limit is refused, and no other", () => {
  const ask = (text: string) => {
    const { send, stream } = connect();
    send(text);
    return stream.text.split("\r\n", 1)[0];
  };
  const head = (fields: number) =>
    `GET / HTTP/1.1\r\nhost: localhost\r\n${
      `x: ${"x".repeat(1000)}\r\n`.repeat(fields)
    }\r\n`;
  assert.is(ask(head(7)), "HTTP/1.1 200 OK");
  assert.match(ask(head(9)) ?? "", "HTTP/1.1 431 ");
  const body = (size: number) =>
    `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n${
      "1".repeat(size)
    }`;
  assert.match(ask(body(1000)) ?? "", "HTTP/1.1 405 ");
  assert.match(ask(body(70_000)) ?? "", "HTTP/1.1 413 ");
});

server("a client that sends its end is answered, and let go", () => {
  const { events, send, stream } = connect();
  send(`GET / HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  assert.not(stream.ended);
  events.onEnd();
  assert.ok(stream.ended);
  assert.not(stream.isCut);
  events.onEnd();
  assert.ok(stream.isCut, "there is nothing left to send");
  const asking = connect();
  asking.send(`GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  assert.match(asking.stream.text, /connection: close/i);
  assert.ok(asking.stream.ended);
});

server("a HEAD has the fields alone", () => {
  const { send, stream } = connect();
  send("HEAD / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  assert.match(
    stream.text,
    /^HTTP\/1\.1 200 OK\r\n[^]*content-length: \d[^]*\r\n\r\n$/i,
  );
});

server("a listener that stands still gives its place to one that comes", () => {
  const { clock, door, stream, send } = connect();
  const listen = () => {
    const one = new FakeStream();
    door.accept(one).onData(new TextEncoder().encode(GET("/events")));
    return one;
  };
  send(GET("/events"));
  stream.reads = false;
  listener?.send({ event: "log", data: "x" });
  const other = listen();
  clock.pass(5000);
  assert.match(listen().text, /^HTTP\/1.1 503 .*Too many clients listen/s);
  clock.pass(7000);
  assert.match(listen().text, /^HTTP\/1.1 200 /);
  assert.ok(stream.ended, "it has read nothing for 10 s");
  assert.not(other.ended, "it has read all that there was");
  assert.match(listen().text, /^HTTP\/1.1 503 /);
});

server(
  "of listeners that stand still the one goes that has for longest",
  () => {
    for (const order of [[0, 1], [1, 0]] as const) {
      const { clock, door } = connect();
      const listen = () => {
        const stream = new FakeStream();
        door.accept(stream).onData(new TextEncoder().encode(GET("/events")));
        return { stream, events: listener };
      };
      const both = [listen(), listen()] as const;
      for (const at of order) {
        both[at].stream.reads = false;
        both[at].events?.send({ event: "log", data: "x" });
        clock.pass(3000);
      }
      clock.pass(10_000);
      assert.match(listen().stream.text, /^HTTP\/1\.1 200 /);
      assert.equal(order.map((at) => both[at].stream.ended), [true, false]);
      // A listener that has read all of its events is not closed.
      both[order[1]].stream.pending = 0;
      assert.match(listen().stream.text, /^HTTP\/1\.1 503 /);
    }
  },
);

server("what a listener sent before it listened means nothing", async () => {
  const late = Promise.withResolvers<Reply>();
  const { send, stream } = connect(() => {}, late.promise);
  send(GET("/late"));
  send(GET("/").repeat(1000));
  assert.ok(stream.paused);
  late.resolve({ events: () => () => {} });
  await settle();
  assert.not(stream.paused, "its end is to be seen");
  assert.is(stream.text.split("HTTP/1.1 ").length, 2);
});

server(
  "a client that ends while it is answered is let go behind it",
  async () => {
    const late = Promise.withResolvers<Reply>();
    const { send, stream, events } = connect(() => {}, late.promise);
    send(GET("/late"));
    events.onEnd();
    assert.not(stream.ended);
    late.resolve({ json: 2 });
    await settle();
    assert.match(stream.text, /^HTTP\/1\.1 200 .*connection: close/is);
    assert.ok(stream.ended);
  },
);

server("a body is read whole, however it comes", () => {
  const body = '{"a":"é"}';
  const head =
    "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
  const chunks = [...body].map((one) =>
    `${new TextEncoder().encode(one).length.toString(16)}\r\n${one}\r\n`
  ).join("");
  const texts = [
    `${head}\r\ncontent-length: 10\r\n\r\n${body}`,
    `${head}\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  ];
  for (const text of texts) {
    // The next request begins in the same piece.
    const bytes = new TextEncoder().encode(text + GET("/").slice(0, -1));
    for (const size of [1, 7, bytes.length]) {
      const { stream, events } = connect();
      for (let at = 0; at < bytes.length; at += size) {
        events.onData(bytes.slice(at, at + size));
      }
      assert.match(
        stream.text,
        /^HTTP\/1\.1 202 Accepted\r\n[^]*\n\{"a":"é"\}\n$/,
      );
      events.onData(new TextEncoder().encode("\n"));
      assert.match(stream.text, /HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n1\n$/);
    }
  }
});

server("a body that is none is refused with 400, and no more is read", () => {
  const head =
    "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
  const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const broken = connect();
  broken.events.onData(bytes(
    `${head}\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n${GET("/")}`,
  ));
  assert.match(broken.stream.text, /^HTTP\/1\.1 400 /);
  assert.is(broken.stream.text.split("HTTP/1.1 ").length, 2);
  assert.ok(broken.stream.ended);
  const noText = connect();
  noText.events.onData(bytes(`${head}\r\ncontent-length: 3\r\n\r\n"\xff"`));
  assert.match(noText.stream.text, /^HTTP\/1\.1 400 [^]*not valid JSON/);
});

server("a client that holds its body back is let send it", () => {
  const { stream, send } = connect();
  send(
    "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
      "content-length: 2\r\nexpect: 100-continue\r\n\r\n",
  );
  assert.is(stream.text, "HTTP/1.1 100 Continue\r\n\r\n");
  send("[]");
  assert.match(stream.text, /HTTP\/1\.1 202 Accepted\r\n[^]*\n\[\]\n$/);
});

server("no status is answered without what it means", () => {
  const statuses = [
    ...[200, 202, 302, 400, 403, 404, 405, 408, 409, 413, 414, 415, 417],
    ...[421, 431, 500, 501, 503, 505],
  ];
  for (const status of statuses) {
    const bytes = responseBytes({ status, json: 1 }, { closes: false });
    assert.match(
      new TextDecoder().decode(bytes),
      new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z ]+\r\n`),
    );
  }
});

server("an answer may have fields of its own", () => {
  const bytes = responseBytes({
    ...{ status: 302, type: "text/plain", text: "é" },
    fields: { location: "/there", "set-cookie": "a=b" },
  }, { closes: true });
  assert.is(
    new TextDecoder().decode(bytes),
    "HTTP/1.1 302 Found\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n" +
      "cache-control: no-store\r\nx-content-type-options: nosniff\r\n" +
      "location: /there\r\nset-cookie: a=b\r\nconnection: close\r\n\r\né",
  );
});

server("an event has its number where it has one", () => {
  const text = (event: Parameters<typeof eventBytes>[0]) =>
    new TextDecoder().decode(eventBytes(event));
  assert.is(
    text({ id: 0, event: "log", data: { a: "\n" } }),
    'id: 0\nevent: log\ndata: {"a":"\\n"}\n\n',
  );
  assert.is(text({ event: "log", data: 1 }), "event: log\ndata: 1\n\n");
});

server("as many as are let wait are answered later, and no more", () => {
  const { door, stream, send } = connect();
  send(GET("/wait"));
  const [second, third] = [0, 1].map(() => {
    const one = new FakeStream();
    door.accept(one).onData(new TextEncoder().encode(GET("/wait")));
    return one;
  });
  assert.equal([stream.text, second?.text], ["", ""]);
  assert.match(third?.text ?? "", /^HTTP\/1\.1 503 .*Too many clients wait/s);
});

server("cut() ends all that is left, and leaves no timer", () => {
  const { clock, door, stream } = connect();
  const other = new FakeStream();
  door.accept(other);
  door.cut();
  assert.equal([stream.isCut, other.isCut, clock.due()], [true, true, []]);
});

server("a client that leaves too much unread is told, and nothing more", () => {
  const { clock, stream, send } = connect();
  stream.reads = false;
  send(GET("/events"));
  const data = "x".repeat(1000);
  for (let at = 0; at < 1000; at++) listener?.send({ event: "log", data });
  assert.match(stream.text, /event: lost\ndata: \{\}\n\n$/);
  assert.ok(stream.ended);
  assert.ok(stream.pending < UNREAD_BYTES + 2000, String(stream.pending));
  clock.pass(LINGER_MS + 1000);
  assert.ok(stream.isCut);
});

server.run();
