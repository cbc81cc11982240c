import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { gated, open, settle } from "./line.ts";
import type { App } from "./line.ts";
import { get, post } from "../h1/read.ts";
import type { WireExchange } from "../../../src/http/connection/exchange.ts";
import { WireRequest } from "../../../src/http/web/request.ts";

const connection = suite("Connection");

const path = (request: Request) => new URL(request.url).pathname;
const asked = (target: string, ...lines: string[]) =>
  ["GET", target, "HTTP/1.1\r\nHost: a"].join(" ") +
  ["", ...lines, "", ""].join("\r\n");
/** More than half of what is read behind an open request. */
const large = (target: string) =>
  asked(target, `X: ${"x".repeat(8000)}`, "Y: y".padEnd(1000, "y"));
const hello: App = () => new Response("hello");

/** A whole answer, without the fields that are in each. */
function answer(status: string, body: string, ...fields: string[]): string {
  return [`HTTP/1.1 ${status}`, ...fields, "", body].join("\r\n");
}

const text = "content-type: text/plain;charset=UTF-8";
/** Bun leaves the type to who writes it, and the others differ in case. */
const normal = (output: string) =>
  output.replaceAll(/charset=utf-8/gi, "charset=UTF-8");

connection(
  "RFC 9112 §9.3: a connection stays open, and an answer is one write",
  () => {
    const line = open(hello);
    line.send(get());
    const expected = answer(
      "200 OK",
      "hello",
      text,
      "date: now",
      "content-length: 5",
    );
    assert.is(normal(line.output()), expected);
    assert.is(line.writes(), 1);
    line.send(get());
    assert.is(normal(line.output()), expected + expected);
    assert.is(line.ending(), undefined);
  },
);

connection(
  "RFC 9112 §9.3.2: pipelined requests are answered in order, gathered",
  async () => {
    const gates = new Map<string, (response: Response) => void>();
    const line = open((request) => {
      if (path(request) === "/now") return new Response("now");
      return new Promise((resolve) => gates.set(path(request), resolve));
    });
    line.send(asked("/now") + asked("/now"));
    assert.is(line.writes(), 1, "two answers, one write");
    line.send(asked("/one") + asked("/two") + asked("/now"));
    assert.equal([...gates.keys()], ["/one"], "one at a time");
    assert.not.ok(line.paused(), "the end of the client would be seen");
    line.send(large("/now") + large("/now"));
    assert.ok(line.paused(), "not much more is read meanwhile");
    gates.get("/one")!(new Response("first"));
    await settle();
    gates.get("/two")!(new Response("second"));
    await settle();
    const bodies = line.output().match(/now|first|second/g)!.join(" ");
    assert.is(
      bodies.replaceAll("now ", "").trim(),
      "first second now",
    );
    assert.is(line.output().match(/200 OK/g)?.length, 7);
    assert.not.ok(line.paused());
  },
);

connection("RFC 9112 §9.6: Connection: close is kept by both sides", () => {
  const asking = open(hello);
  asking.send(get("Connection: close") + get());
  assert.is(asking.output().match(/200 OK/g)!.length, 1);
  assert.match(asking.output(), "connection: close");
  assert.is(asking.ending(), "end");
  const telling = open(() =>
    new Response("x", { headers: { connection: "close" } })
  );
  telling.send(get());
  assert.is(telling.output().match(/connection: close/g)!.length, 1);
  assert.is(telling.ending(), "end");
});

connection(
  "RFC 9112 §9.3: HTTP/1.0 is closed unless it asks to be kept",
  () => {
    const old = open(hello);
    old.send("GET / HTTP/1.0\r\n\r\n");
    assert.match(old.output(), /^HTTP\/1\.1 200 OK[^]*connection: close/);
    assert.is(old.ending(), "end");
    const kept = open(hello);
    kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert.match(kept.output(), "connection: keep-alive");
    assert.is(kept.ending(), undefined);
  },
);

connection("RFC 9110 §9.3.2: HEAD has the fields and no body", async () => {
  const parts = gated();
  const line = open((request) =>
    path(request) === "/stream"
      ? new Response(parts.stream)
      : new Response("hello")
  );
  line.send(get().replace("GET", "HEAD"));
  assert.match(line.output(), /content-length: 5\r\n\r\n$/);
  line.send(asked("/stream").replace("GET", "HEAD"));
  assert.match(line.output(), /200 OK\r\ndate: now\r\n\r\n$/);
  await settle();
  assert.throws(() => parts.give("x"), "the stream was ended");
});

connection(
  "RFC 9110 §15.3.5, §15.4.5: 204 and 304 have neither body nor length",
  () => {
    const line = open((request) =>
      new Response(null, {
        status: Number(path(request).slice(1)),
        headers: { etag: "x" },
      })
    );
    line.send(asked("/204") + asked("/304") + asked("/205"));
    const [first, second, third] = line.output().split(/(?=HTTP)/) as [
      string,
      string,
      string,
    ];
    assert.is(first, answer("204 No Content", "", "etag: x", "date: now"));
    assert.is(second, answer("304 Not Modified", "", "etag: x", "date: now"));
    assert.match(third, "content-length: 0");
  },
);

connection(
  "RFC 9112 §7.1: a stream is sent in chunks as they come",
  async () => {
    const parts = gated();
    const line = open(() => new Response(parts.stream));
    line.send(get());
    await settle();
    assert.match(
      line.output(),
      /transfer-encoding: chunked\r\n\r\n$/,
      "the head does not wait",
    );
    const before = line.writes();
    parts.give("hello");
    await settle();
    assert.match(line.output(), /\r\n\r\n5\r\nhello\r\n$/);
    assert.is(line.writes(), before + 1, "a chunk is one write");
    parts.give("");
    parts.give("0123456789abcdef");
    parts.end();
    await settle();
    assert.match(line.output(), /10\r\n0123456789abcdef\r\n0\r\n\r\n$/);
  },
);

connection(
  "RFC 9112 §6.3: to HTTP/1.0 a stream ends with the connection",
  async () => {
    const parts = gated();
    const line = open(() => new Response(parts.stream));
    line.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    parts.give("hello");
    parts.end();
    await settle();
    assert.match(line.output(), /connection: close\r\n\r\nhello$/);
    assert.is(line.ending(), "end");
  },
);

connection("RFC 9110 §8.6: a stream keeps to its Content-Length", async () => {
  for (
    const [sent, ending, body] of [
      ["hello", undefined, "hello"],
      ["hell", "reset", "hell"],
      // While nothing is out the client can be told.
      ["hello!", undefined, undefined],
    ] as const
  ) {
    const parts = gated();
    const line = open(() =>
      new Response(parts.stream, { headers: { "content-length": "5" } })
    );
    line.send(get());
    parts.give(sent);
    parts.end();
    await settle();
    if (body === undefined) {
      assert.match(
        line.output(),
        /^HTTP\/1.1 500 [^]*\nInternal Server Error\n$/,
      );
    } else {
      const end = `content-length: 5\r\n\r\n${body}`;
      assert.ok(line.output().endsWith(end), sent);
    }
    assert.is(line.ending(), ending, sent);
    assert.is(line.reports.length, sent === "hello" ? 0 : 1);
  }
});

connection(
  "a stream that fails at once is answered with 500, one that has begun is cut",
  async () => {
    const failing = new ReadableStream({
      pull(controller) {
        controller.error(new Error("at once"));
      },
    });
    const line = open((request) =>
      request.method === "GET" ? new Response(failing) : new Response("next")
    );
    line.send(get());
    await settle();
    assert.match(
      line.output(),
      /^HTTP\/1.1 500 [^]*\nInternal Server Error\n$/,
    );
    assert.is(line.ending(), undefined);
    line.send(post(["Content-Length: 0"], ""));
    await settle();
    assert.match(line.output(), /next$/);
    const parts = gated();
    const begun = open(() => new Response(parts.stream));
    begun.send(get());
    parts.give("hello");
    await settle();
    parts.fail(new Error("later"));
    await settle();
    assert.is(begun.ending(), "reset");
  },
);

connection(
  "a length that an app got wrong is put right where the body is known",
  () => {
    const line = open(() =>
      new Response("hello", { headers: { "content-length": "3" } })
    );
    line.send(get());
    assert.match(line.output(), /content-length: 5\r\n\r\nhello$/);
  },
);

connection(
  "RFC 9110 §7.6.1: an app's fields about the connection are not sent",
  () => {
    const headers = {
      "keep-alive": "x",
      "transfer-encoding": "chunked",
      "proxy-connection": "x",
      te: "x",
      trailer: "x",
      "x-own": "y",
      date: "then",
    };
    const line = open(() => new Response("hello", { status: 299, headers }));
    line.send(get());
    const lines = line.output().split("\r\n");
    assert.equal(
      lines.map((one) => one.split(":")[0]!.toLowerCase()).sort(),
      [
        "",
        "content-length",
        "content-type",
        "date",
        "hello",
        "http/1.1 299 ",
        "x-own",
      ],
    );
    assert.match(line.output(), "date: then");
  },
);

connection(
  "RFC 9110 §10.1.1: 100 Continue is sent when the app reads",
  async () => {
    const line = open(async (request) => new Response(await request.text()));
    line.send(post(["Expect: 100-continue", "Content-Length: 5"], ""));
    await settle();
    assert.is(line.output(), "HTTP/1.1 100 Continue\r\n\r\n");
    line.send("hello");
    await settle();
    assert.match(line.output(), /hello$/);
    assert.is(line.ending(), undefined);
  },
);

connection(
  "RFC 9110 §10.1.1: an answer without 100 closes, for the body may come or not",
  () => {
    const line = open(hello);
    line.send(post(["Expect: 100-continue", "Content-Length: 5"], ""));
    assert.match(line.output(), /^HTTP\/1\.1 200 OK[^]*connection: close/);
    assert.is(line.ending(), "end");
  },
);

connection("a body that the app leaves is read past, within bounds", () => {
  const line = open(hello);
  line.send(post(["Content-Length: 10"], "01234"));
  line.send(`56789${get()}`);
  assert.is(line.output().match(/200 OK/g)!.length, 2);
  const large = open(hello);
  large.send(post(["Content-Length: 1000000"], ""));
  large.send("x".repeat(300_000));
  assert.is(large.ending(), "end");
});

connection("what an app does not read stops the client", async () => {
  const gate = Promise.withResolvers<void>();
  const line = open(async (request) => {
    await gate.promise;
    return new Response(String((await request.text()).length));
  });
  line.send(post(["Content-Length: 200000"], "x".repeat(100_000)));
  assert.ok(line.paused());
  gate.resolve();
  await settle();
  assert.not.ok(line.paused());
  line.send("x".repeat(100_000));
  await settle();
  assert.match(line.output(), /200000$/);
  const whole = open(() => new Promise(() => {}));
  whole.send(post(["Content-Length: 100000"], "x".repeat(100_000)));
  assert.not.ok(whole.paused(), "its end would be seen");
});

connection(
  "what a client does not take stops the app, and the next request",
  async () => {
    let pulled = 0;
    const line = open((request) => {
      if (path(request) === "/next") return new Response("next");
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (++pulled === 10) return controller.close();
            controller.enqueue(new Uint8Array(1000));
          },
        }),
      );
    });
    line.stall(true);
    line.send(get());
    await settle();
    const before = pulled;
    await settle();
    assert.is(pulled, before);
    assert.ok(before < 5);
    line.stall(false);
    await settle();
    assert.is(pulled, 10);
    line.stall(true);
    line.send(asked("/next"));
    line.send(large("/next"));
    line.send(large("/next"));
    assert.ok(line.paused());
    line.stall(false);
    assert.is(line.output().match(/next/g)!.length, 3);
  },
);

/** A connection whose answer is a stream that has begun. */
async function openStream() {
  const parts = gated();
  let signal: AbortSignal | undefined;
  const line = open((request) => {
    signal = request.signal;
    return new Response(parts.stream);
  });
  line.send(get());
  await settle();
  return { parts, line, signal: signal as unknown as AbortSignal };
}

connection(
  "a client that leaves is told to the app, and ends its stream",
  async () => {
    const { parts, line, signal } = await openStream();
    assert.is(signal.aborted, false);
    line.leave();
    await settle();
    assert.is(signal.aborted, true);
    assert.match(String(parts.cancelled()), "closed the connection");
    assert.equal(line.reports, []);
  },
);

connection(
  "a client that leaves in the middle of its body fails its reader",
  async () => {
    let failure: unknown;
    const line = open(async (request) => {
      await request.text().catch((error) => failure = error);
      return new Response("late");
    });
    line.send(post(["Content-Length: 10"], "01234"));
    line.leave();
    await settle();
    assert.match(String(failure), "client");
    assert.is(line.output(), "");
  },
);

connection("a client that has said all gets its answers", async () => {
  const line = open(async (request) => {
    await settle();
    return new Response(path(request));
  });
  line.send(asked("/one") + asked("/two"));
  await settle();
  line.finish();
  await settle();
  await settle();
  await settle();
  assert.match(line.output(), /\/one[^]*\/two$/);
  assert.is(line.ending(), "end");
});

connection(
  "a client that has said all gets a stream as long as it flows",
  async () => {
    const { parts, line, signal } = await openStream();
    line.finish();
    for (let count = 0; count < 4; count++) {
      parts.give("part");
      await settle();
      line.pass(750);
    }
    assert.equal([signal.aborted, line.ending()], [false, undefined]);
    line.stall(true);
    parts.give("part");
    await settle();
    line.pass(3000);
    assert.is(line.ending(), undefined, "a slow reader is no quiet stream");
    line.stall(false);
    line.pass(1500);
    await settle();
    assert.is(line.ending(), "reset");
    assert.is(signal.reason.name, "AbortError");
    assert.match(String(parts.cancelled()), "closed the connection");
    assert.equal(line.reports, []);
  },
);

connection(
  "an app is told of a client that has said all, also of a later request's",
  async () => {
    const reasons: unknown[] = [];
    const gates: ((response: Response) => void)[] = [];
    const line = open((request) => {
      request.signal.onabort = () => reasons.push(request.signal.reason.name);
      return new Promise((resolve) => gates.push(resolve));
    });
    line.send(asked("/one") + asked("/two"));
    line.finish();
    assert.equal(reasons, ["AbortError"]);
    gates[0]!(new Response("one"));
    await settle();
    line.pass(750);
    assert.is(reasons.length, 1);
    line.pass(250);
    assert.is(reasons.length, 2, "it has a second of its own");
    gates[1]!(new Response("two"));
    await settle();
    assert.match(line.output(), /one[^]*two$/);
    assert.is(line.ending(), "end");
  },
);

connection("a client that still sends is listened to, within bounds", () => {
  const answered = () => {
    const line = open(hello);
    line.send(post(["Content-Length: 1000000000"], "a"));
    assert.match(line.output(), /^HTTP\/1.1 200 OK\r\n[^]*connection: close/);
    assert.is(line.ending(), "end");
    return line;
  };
  const sending = answered();
  for (let seconds = 0; seconds < 29; seconds++) {
    sending.send("a");
    sending.pass(1000);
  }
  assert.is(sending.ending(), "end");
  sending.send("a");
  sending.pass(1000);
  assert.is(sending.ending(), "cut", "not for ever");
  const silent = answered();
  silent.pass(4750);
  assert.is(silent.ending(), "end");
  silent.pass(250);
  assert.is(silent.ending(), "cut");
  const fast = answered();
  const much = "a".repeat(8 * 1024 * 1024);
  for (let count = 0; count < 8; count++) fast.send(much);
  assert.not.ok(fast.paused());
  fast.send("a");
  assert.equal([fast.paused(), fast.ending()], [true, "end"]);
  const hurried = answered();
  hurried.drain();
  for (let count = 0; count < 4; count++) {
    hurried.send("a");
    hurried.pass(500);
  }
  assert.is(hurried.ending(), "cut");
});

connection("a slice ends though no time is lived through", async () => {
  let pulled = 0;
  const line = open(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (++pulled === 100_000) return controller.close();
          controller.enqueue(new Uint8Array(1));
        },
      }),
    )
  );
  // The engine's timer is late, and comes no sooner than the slice ends.
  line.clock(() => 1000, () => pulled / 100);
  line.send(get());
  await settle();
  assert.ok(pulled > 0 && pulled < 100_000, "others have their turn");
  line.die();
  line.leave();
});

connection("what is there at once is sent in slices", async () => {
  let pulled = 0;
  let gone = false;
  const line = open(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(pulled++ % 2)),
        cancel: () => void (gone = true),
      }),
    )
  );
  line.clock(() => pulled / 100);
  line.send(get());
  await settle();
  assert.ok(pulled > 0, "others have their turn");
  line.die();
  await settle();
  const before = pulled;
  await settle();
  assert.is(pulled, before, "nothing is made for a connection that is dead");
  line.leave();
  await settle();
  assert.ok(gone);
});

connection("an error in the middle of a stream is no clean end", async () => {
  const parts = gated();
  const line = open(() => new Response(parts.stream));
  line.send(get());
  parts.give("hello");
  await settle();
  parts.fail(new Error("broken"));
  await settle();
  assert.is(line.ending(), "reset");
  assert.not.match(line.output(), /0\r\n\r\n$/);
  assert.match(line.reports[0]!, /Response to GET \/ failed: broken/);
});

connection("a response that was read before is answered by 500", () => {
  const line = open(() => {
    const response = new Response(gated().stream);
    response.body!.getReader();
    return response;
  });
  line.send(get());
  assert.match(line.output(), /^HTTP\/1\.1 500 Internal Server Error/);
  assert.match(line.reports[0]!, "read before");
});

connection(
  "RFC 9112 §9.6: a refusal is sent, then the end, then what comes is ignored",
  () => {
    const line = open(hello);
    line.send(`${get()}BAD REQUEST\r\n\r\n`);
    assert.match(line.output(), /200 OK[^]*HTTP\/1\.1 400 Bad Request/);
    assert.match(
      line.output(),
      /connection: close\r\n\r\nInvalid request target\n$/,
    );
    assert.is(line.ending(), "end");
    line.send(get());
    assert.is(line.output().match(/HTTP/g)!.length, 2);
    line.pass(2000);
    assert.is(line.ending(), "end");
    line.pass(500);
    assert.is(line.ending(), "cut", "not for ever");
  },
);

connection(
  "a body that goes wrong is refused, and its reader fails",
  async () => {
    let failure: unknown;
    const line = open(async (request) => {
      await request.text().catch((error) => failure = error);
      return new Response("never seen");
    });
    line.send(post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n"));
    await settle();
    line.send("x\r\n");
    await settle();
    assert.match(
      line.output(),
      /^HTTP\/1\.1 400 Bad Request[^]*Invalid chunk size\n$/,
    );
    assert.match(String(failure), "Invalid chunk size");
  },
);

connection(
  "what frames a body and comes alone is no part of it for its reader",
  async () => {
    const parts: number[] = [];
    const line = open(async (request) => {
      for await (const { length } of request.body!) parts.push(length);
      return new Response("read");
    });
    line.send(post(["Transfer-Encoding: chunked"], "5"));
    for (const piece of ["\r\n", "hel", "lo", "\r\n", "0\r\n", "\r\n"]) {
      await settle();
      line.send(piece);
    }
    await settle();
    assert.equal(parts, [3, 2]);
    assert.match(line.output(), /\r\n\r\nread$/);
  },
);

connection(
  "what follows an answer is refused in silence, if it was its body",
  () => {
    const line = open(hello);
    line.send(post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n"));
    line.send("x\r\n");
    assert.is(line.output().match(/HTTP/g)!.length, 1);
    assert.is(line.ending(), "end");
  },
);

connection("a refusal after HEAD has its text", () => {
  const line = open(hello);
  line.send(get().replace("GET", "HEAD"));
  line.send("BAD\r\n\r\n");
  assert.match(line.output(), /400 Bad Request[^]*Invalid request line\n$/);
});

connection(
  "RFC 9110 §15.5.9: a slow head is answered by 408, and an unused connection closed",
  () => {
    const slow = open(hello);
    slow.send("GET / HT");
    slow.pass(29_000);
    slow.send("T");
    assert.is(slow.output(), "");
    slow.pass(1000);
    assert.match(slow.output(), /^HTTP\/1\.1 408 Request Timeout/);
    assert.is(slow.ending(), "end");
    slow.send("X");
    slow.pass(500);
    assert.is(slow.ending(), "cut", "it goes on, and had its time");
    const unused = open(hello);
    unused.pass(29_000);
    assert.is(unused.ending(), undefined);
    unused.pass(1250);
    assert.equal([unused.output(), unused.ending()], ["", "end"]);
    unused.pass(500);
    assert.is(unused.ending(), "cut");
  },
);

connection("a body that stops, or drips, is answered by 408", async () => {
  const app: App = async (request) => new Response(await request.text());
  const stopped = open(app);
  stopped.send(post(["Content-Length: 100000"], "x".repeat(60_000)));
  await settle();
  stopped.pass(31_000);
  assert.match(stopped.output(), /^HTTP\/1\.1 408/);
  const dripping = open(app);
  // What came of its head counts for nothing.
  const field = `X: ${"x".repeat(8000)}`;
  dripping.send(post(["Content-Length: 100000", field], "x"));
  await settle();
  for (let second = 0; second < 7; second++) {
    dripping.send("x".repeat(200));
    dripping.pass(1000);
  }
  assert.match(dripping.output(), /^HTTP\/1\.1 408/);
});

connection("a client has all the time that the app takes", async () => {
  const gate = Promise.withResolvers<void>();
  const app: App = async (request) => {
    await gate.promise;
    return new Response(String((await request.text()).length));
  };
  const line = open(app);
  line.send(post(["Content-Length: 200000"], "x".repeat(100_000)));
  const waiting = open(app);
  waiting.send(post(["Expect: 100-continue", "Content-Length: 5"], ""));
  for (const one of [line, waiting]) {
    one.pass(3_600_000);
    assert.equal([one.output(), one.ending()], ["", undefined]);
  }
  gate.resolve();
  await settle();
  for (const one of [line, waiting]) one.pass(4000);
  line.send("x".repeat(100_000));
  waiting.send("hello");
  await settle();
  assert.match(line.output(), /^HTTP\/1\.1 200 [^]*200000$/);
  assert.match(waiting.output(), /100 Continue[^]*200 OK[^]*\r\n5$/);
});

connection(
  "a client that was told to go on, and does not, has 408",
  async () => {
    const line = open(async (request) => new Response(await request.text()));
    line.send(post(["Expect: 100-continue", "Content-Length: 5"], ""));
    await settle();
    line.pass(31_000);
    assert.match(line.output(), /100 Continue[^]*HTTP\/1\.1 408/);
  },
);

connection(
  "RFC 9110 §10.1.1: a body that comes without 100 is a body like any other",
  async () => {
    const line = open(async () => {
      await settle();
      return new Response("hello");
    });
    line.send(post(["Expect: 100-continue", "Content-Length: 5"], "12345"));
    await settle();
    await settle();
    assert.match(line.output(), /^HTTP\/1\.1 200 OK[^]*hello$/);
    assert.not.match(line.output(), "connection: close");
    assert.is(line.ending(), undefined);
  },
);

connection(
  "a client that ends amid its body is answered when the app is done",
  async () => {
    const gate = Promise.withResolvers<Response>();
    let failure: unknown;
    const line = open(async (request) => {
      await request.text().catch((error) => failure = error);
      return gate.promise;
    });
    line.send(post(["Content-Length: 10"], "01234"));
    line.finish();
    await settle();
    assert.match(String(failure), "The client ended the connection");
    line.pass(40_000);
    assert.equal([line.output(), line.ending()], ["", undefined]);
    gate.resolve(new Response("late"));
    await settle();
    assert.match(line.output(), /200 OK[^]*connection: close[^]*late$/);
    assert.is(line.ending(), "end");
  },
);

connection("a rest that does not come ends the connection in silence", () => {
  const line = open(hello, { limits: { bodyRate: 0 } });
  line.send(post(["Content-Length: 10"], "01234"));
  line.pass(29_000);
  assert.is(line.ending(), undefined);
  line.pass(1000);
  assert.is(line.ending(), "end");
  line.pass(500);
  assert.is(line.ending(), "cut", "it had its time");
  assert.is(line.output().match(/HTTP/g)?.length, 1);
});

connection("an answer that comes too late is discarded", async () => {
  const parts = gated();
  const gate = Promise.withResolvers<Response>();
  const line = open(() => gate.promise);
  line.send(get());
  line.leave();
  line.leave();
  assert.is(line.closes(), 1);
  gate.resolve(new Response(parts.stream));
  await settle();
  assert.throws(() => parts.give("x"), "the stream was ended");
  assert.is(line.output(), "");
});

connection("a body that goes wrong cuts an answer that has begun", async () => {
  const parts = gated();
  const line = open(() => new Response(parts.stream));
  line.send(post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n"));
  parts.give("begun");
  await settle();
  line.send("x\r\n");
  assert.is(line.ending(), "reset");
});

connection("what ends with its client is not logged, else it is", async () => {
  for (const left of [true, false]) {
    const { parts, line } = await openStream();
    if (left) line.finish();
    parts.fail(new DOMException("given up", "AbortError"));
    await settle();
    assert.is(line.reports.length, left ? 0 : 1);
  }
});

connection(
  "a failure is logged with its path, and without its query",
  async () => {
    const parts = gated();
    const line = open(() => new Response(parts.stream));
    line.send(asked("/a?secret=1"));
    parts.give("x");
    await settle();
    parts.fail("no error" as unknown as Error);
    await settle();
    assert.equal(line.reports, ["Response to GET /a failed: no error"]);
  },
);

connection("a client that had to wait is listened to in the end", async () => {
  const gate = Promise.withResolvers<Response>();
  const line = open(() => gate.promise);
  line.send(post(["Content-Length: 1000000"], "x".repeat(100_000)));
  assert.ok(line.paused());
  gate.resolve(new Response("hello"));
  await settle();
  assert.equal([line.ending(), line.paused()], ["end", false]);
});

connection("without a keep-alive time every answer says close", () => {
  const line = open(hello, { keepAliveMs: 0 });
  line.send(get());
  assert.match(line.output(), /connection: close[^]*hello$/);
  assert.is(line.ending(), "end");
});

/** What takes over a connection, and notes what it is told. */
function heir() {
  const told: string[] = [];
  return {
    told,
    onData: (bytes: Uint8Array) =>
      void told.push(`data ${new TextDecoder().decode(bytes)}`),
    onDrain: () => void told.push("drain"),
    onEnd: () => void told.push("end"),
    onClose: () => void told.push("close"),
    check: (now: number) => void told.push(`check ${now}`),
    cut: () => void told.push("cut"),
  };
}

const upgrading = asked("/", "Connection: Upgrade", "Upgrade: websocket");

connection("what takes over a connection gets all that happens", () => {
  const taker = heir();
  const line = open((request) => {
    WireRequest.exchangeOf(request)?.leaveTo(taker);
    return new Response();
  });
  line.send(upgrading);
  assert.is(line.state(), "closed × closed");
  line.send("hi");
  line.stall(false);
  line.pass(250);
  line.finish();
  line.cut();
  line.leave();
  assert.equal(
    taker.told,
    ["data hi", "drain", "check 1000250", "end", "cut", "close"],
  );
  assert.equal([line.output(), line.ending()], ["", undefined]);
});

connection("early hints are out before the app goes on", () => {
  let before = "";
  const line = open((request) => {
    WireRequest.exchangeOf(request)?.earlyHints({ link: "</a>" });
    before = line.output();
    return new Response("hello");
  });
  line.send(get());
  assert.is(before, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
});

connection("a request that was taken over is answered by that", async () => {
  let completed: Promise<void> | undefined;
  const line = open((request) => {
    const exchange = WireRequest.exchangeOf(request) as WireExchange;
    completed = exchange.completed();
    exchange.leaveTo(heir());
    assert.is(exchange.over, true);
    return new Response();
  });
  line.send(upgrading);
  assert.is(await completed, undefined);
});

connection(
  "what takes over a connection comes after what was answered before",
  () => {
    let before = "";
    const line = open((request) => {
      if (path(request) === "/now") return new Response("now");
      WireRequest.exchangeOf(request)?.leaveTo(heir());
      before = line.output();
      return new Response();
    });
    line.send(asked("/now") + upgrading);
    assert.match(before, /200 OK[^]*now$/);
  },
);

connection(
  "what takes over a connection that was paused hears on",
  async () => {
    const gate = Promise.withResolvers<void>();
    let ahead = 0;
    const line = open(async (request) => {
      await gate.promise;
      const legacy = WireRequest.exchangeOf(request)?.leaveTo(heir());
      ahead = legacy?.head.length ?? 0;
      return new Response();
    });
    line.send(upgrading);
    line.send("x".repeat(20_000));
    assert.ok(line.paused());
    gate.resolve();
    await settle();
    assert.equal([ahead, line.paused()], [20_000, false]);
  },
);

connection("a request with a body, or an answer, is not taken over", () => {
  const taker = heir();
  const exchanges: (ReturnType<typeof WireRequest.exchangeOf>)[] = [];
  const line = open((request) => {
    exchanges.push(WireRequest.exchangeOf(request));
    if (request.method === "POST") {
      assert.is(exchanges[0]?.leaveTo(taker), undefined);
    }
    return new Response("hello");
  });
  line.send(post(["Content-Length: 2"], "hi"));
  line.send(get());
  assert.is(exchanges[1]?.leaveTo(taker), undefined);
  assert.is(line.output().match(/hello/g)?.length, 2);
  assert.equal(taker.told, []);
});

connection(
  "a client that takes nothing is cut after the write timeout",
  async () => {
    const line = open(() => new Response("x".repeat(600_000)));
    line.stall(true);
    line.send(get());
    line.pass(29_000);
    assert.is(line.ending(), undefined);
    line.stall(false);
    line.stall(true);
    await settle();
    line.pass(29_000);
    assert.is(line.ending(), undefined, "it took a part meanwhile");
    line.pass(2000);
    assert.is(line.ending(), "reset");
  },
);

connection("a client has its keep-alive time once it has the answer", () => {
  const line = open(hello, { keepAliveMs: 5000 });
  line.stall(true);
  line.send(get());
  line.pass(20_000);
  line.stall(false);
  line.pass(4000);
  assert.is(line.ending(), undefined);
  line.pass(1100);
  assert.is(line.ending(), "end");
});

connection("a client's keep-alive time begins with its body's end", () => {
  const line = open(hello, { keepAliveMs: 5000, limits: { bodyRate: 0 } });
  line.send(post(["Content-Length: 10"], "01234"));
  assert.match(line.output(), /hello$/);
  // Between two looks of the engine.
  line.clock(() => 1_000_200);
  line.send("56789");
  line.pass(5250);
  assert.is(line.ending(), undefined);
  line.pass(250);
  assert.is(line.ending(), "end");
});

connection("a client's keep-alive time begins with a late answer", async () => {
  const gate = Promise.withResolvers<Response>();
  const line = open(() => gate.promise, { keepAliveMs: 5000 });
  line.send(get());
  line.pass(60_000);
  gate.resolve(new Response("late"));
  await settle();
  assert.match(line.output(), /late$/);
  line.pass(4750);
  assert.is(line.ending(), undefined);
  line.pass(500);
  assert.is(line.ending(), "end");
});

connection("a client that takes a part now and then is left alone", () => {
  for (const body of ["x", "x".repeat(600_000)]) {
    const line = open(() => new Response(body));
    line.pending(1000);
    line.stall(true);
    line.send(get());
    for (const size of [900, 800, 700]) {
      line.pass(29_000);
      line.pending(size);
    }
    line.pass(29_000);
    assert.is(line.ending(), undefined);
    line.pass(2000);
    assert.is(line.ending(), "reset");
  }
});

connection(
  "a last answer that the client has not taken yet is not cut short",
  () => {
    const line = open(hello, { keepAliveMs: 1000 });
    line.stall(true);
    line.send(get("Connection: close"));
    line.pass(20_000);
    assert.is(line.ending(), undefined);
    line.stall(false);
    line.pass(2500);
    assert.is(line.ending(), "cut");
  },
);

connection("an idle connection is closed after the keep-alive time", () => {
  const line = open(hello, { keepAliveMs: 5000 });
  line.send(get());
  line.pass(4000);
  line.send(get());
  line.pass(5000);
  assert.is(line.ending(), undefined);
  line.pass(250);
  assert.is(line.ending(), "end");
});

connection(
  "a request that came within the keep-alive time, and is read after the look at it, is answered",
  () => {
    const line = open(hello, { keepAliveMs: 5000 });
    line.send(get());
    line.pass(5000);
    line.send(get());
    assert.match(line.output(), /hello[^]*hello$/);
    line.pass(5000);
    assert.is(line.ending(), undefined);
  },
);

connection(
  "in a drain every answer says close, and nothing idle is closed early",
  async () => {
    const gate = Promise.withResolvers<Response>();
    const idle = open(hello, { keepAliveMs: 5000 });
    const busy = open(() => gate.promise);
    const unused = open(hello, { keepAliveMs: 5000 });
    idle.send(get());
    busy.send(get());
    for (const line of [idle, busy, unused]) {
      line.drain();
      line.pass(4000);
      assert.is(line.ending(), undefined);
    }
    idle.send(get());
    assert.match(idle.output(), /connection: close[^]*hello$/);
    assert.is(idle.ending(), "end");
    gate.resolve(new Response("late"));
    await settle();
    assert.match(busy.output(), /connection: close[^]*late$/);
    unused.pass(1250);
    assert.is(unused.ending(), "end");
  },
);

connection("a connection that speaks TLS serves https", async () => {
  const line = open(({ url }) => new Response(url), { tls: () => undefined });
  line.send(get());
  assert.match(line.output(), /https:\/\/a\/$/);
  const told = new Promise((resolve) => {
    const other = open((request) => {
      resolve(WireRequest.exchangeOf(request)?.channel.secure);
      return new Response();
    }, { tls: () => undefined });
    other.send("GET / HTTP/1.0\r\n\r\n");
  });
  assert.is(await told, true);
});

connection("a handshake that a drain finds has a time of its own", () => {
  const handshake = {
    ...{ protocol: "TLSv1.3", cipher: "", authorized: false },
  };
  for (const over of [false, true]) {
    const line = open(hello, {
      keepAliveMs: 5000,
      tls: () => over ? handshake : undefined,
    });
    line.pass(10_000);
    line.drain();
    line.pass(4000);
    assert.is(line.ending() === undefined, !over);
    line.pass(2000);
    assert.ok(line.ending() !== undefined);
  }
});

connection("text beyond ASCII and bytes are sent as they are", () => {
  const line = open((request) =>
    new Response(
      path(request) === "/t" ? "ü€" : new Uint8Array([0, 255]) as BodyInit,
      {
        headers: { "x-odd": "\xfc" },
      },
    )
  );
  line.send(asked("/t"));
  assert.match(
    line.output(),
    /x-odd: \xfc\r\n[^]*content-length: 5\r\n\r\n\xc3\xbc\xe2\x82\xac$/,
  );
});

connection("decisions/007: a switch of protocols is refused by name", () => {
  // Deno.upgradeWebSocket() gives such a one.
  const switching = {
    status: 101,
    statusText: "",
    headers: new Headers(),
    body: null,
  };
  const line = open(() => switching as unknown as Response);
  line.send(get("Connection: upgrade", "Upgrade: websocket"));
  assert.match(line.output(), /^HTTP\/1\.1 500 /);
  assert.equal(line.reports, [
    "Response to GET / failed: Cannot switch protocols: the wire engine serves no WebSockets",
  ]);
});

connection("RFC 9110 §15.5.22: a 426 says to what", () => {
  const line = open(() =>
    new Response(null, { status: 426, headers: { upgrade: "h2c" } })
  );
  line.send(get());
  assert.match(line.output(), /\r\nconnection: upgrade\r\nupgrade: h2c\r\n/);
  const other = open(() => new Response(null, { headers: { upgrade: "h2c" } }));
  other.send(get());
  assert.not.match(other.output(), /upgrade/);
});

connection(
  "what takes over a connection is told that its client ended before",
  async () => {
    const told: string[] = [];
    const gate = Promise.withResolvers<void>();
    const line = open(async (request) => {
      await gate.promise;
      WireRequest.exchangeOf(request)?.leaveTo({
        onData: () => void told.push("data"),
        onDrain() {},
        onEnd: () => void told.push("end"),
        onClose() {},
        check() {},
        cut() {},
      });
      told.push("begins");
      return new Response();
    });
    line.send(asked("/", "Connection: Upgrade", "Upgrade: websocket"));
    line.finish();
    gate.resolve();
    await settle();
    assert.equal(told, ["begins", "end"]);
  },
);

connection(
  "what takes over a connection has what came after the head, and no more",
  async () => {
    for (const wait of [false, true]) {
      for (const after of ["", "AB"]) {
        let ahead: string | undefined;
        const ends: unknown[] = [];
        const take = (request: Request) => {
          const legacy = WireRequest.exchangeOf(request)?.leaveTo({
            onData() {},
            onDrain() {},
            onEnd() {},
            onClose() {},
            check() {},
            cut() {},
          });
          ahead = new TextDecoder().decode(legacy?.head);
          legacy?.end({ status: 101, bytes: 7 });
          return new Response();
        };
        const line = open(
          (request) =>
            wait ? settle().then(() => take(request)) : take(request),
          {
            observer: {
              needs: {
                target: false,
                requestHeaders: false,
                responseHeaders: false,
                bytes: true,
                peer: false,
              },
              onEnd: ({ status, bytes, aborted }) =>
                void ends.push({ status, bytes, aborted }),
            },
          },
        );
        line.send(
          asked("/", "Connection: Upgrade", "Upgrade: websocket") + after,
        );
        await settle();
        await settle();
        assert.is(ahead, after);
        assert.equal(ends, [{ status: 101, bytes: 7, aborted: false }]);
      }
    }
  },
);

connection("a large part of a stream is a chunk as any other", async () => {
  const parts = gated();
  const line = open(() => new Response(parts.stream));
  line.send(get());
  const large = 300 * 1024;
  parts.give("x".repeat(large));
  parts.give("small");
  parts.end();
  for (let turn = 0; turn < 200; turn++) {
    if (line.output().endsWith("\r\n0\r\n\r\n")) break;
    await settle();
  }
  const body = line.output().slice(line.output().indexOf("\r\n\r\n") + 4);
  const chunk = `${large.toString(16)}\r\n${"x".repeat(large)}\r\n`;
  assert.ok(body === `${chunk}5\r\nsmall\r\n0\r\n\r\n`, "it is well framed");
});

connection(
  "a body that an app reads no further is read past, within bounds",
  async () => {
    const streams: ReturnType<typeof gated>[] = [];
    const line = open(async (request) => {
      await request.body!.getReader().read();
      const parts = gated();
      streams.push(parts);
      return new Response(parts.stream);
    });
    const part = `8000\r\n${"x".repeat(0x8000)}\r\n`;
    const ask = async () => {
      line.send(post(["Transfer-Encoding: chunked"], "1\r\ny\r\n"));
      await settle();
      streams.at(-1)!.give("answer");
      streams.at(-1)!.end();
      await settle();
      // 224 of 256 KiB, and what frames them.
      for (let at = 0; at < 7; at++) line.send(part);
      assert.is(line.ending(), undefined);
    };
    await ask();
    line.send("0\r\n\r\n");
    await ask();
    assert.is(line.output().match(/200 OK/g)?.length, 2, "each has as much");
    line.send(part.slice(0, 256 * 1024 - 7 * part.length));
    assert.is(line.ending(), undefined);
    line.send("x");
    assert.is(line.ending(), "end");
  },
);

connection.run();
