import { EventEmitter } from "node:events";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { App, FetchApp, NodeApp } from "../../../src/gateway/app/app.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { createLimitedGateway } from "../../../src/gateway/limits/limits.ts";
import { takeRefused } from "../../../src/exchange/refused.ts";
import { waitedMs } from "../../../src/gateway/limits/request-start.ts";
import type { RequestLimits } from "../../../src/gateway/limits/request-limits.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";
import { FakeOutgoing } from "../call/outgoing.ts";

const limits = suite("limits");

const OFF: RequestLimits = {
  requestTimeoutMs: 0,
  workerConnections: 0,
  maxQueue: Number.MAX_SAFE_INTEGER,
  maxQueueTimeMs: 0,
  maxBody: 0,
};

function wrap(app: App, given: Partial<RequestLimits>) {
  const clock = new FakeClock();
  const inflight = new Inflight(() => clock.now());
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const handler = createLimitedGateway(app, {
    clock,
    inflight,
    limits: { ...OFF, ...given },
    onBusy() {},
    onLimit() {},
    maxRequests: 0,
    onFailure: say,
    onTimeout: say,
    onOverload: say,
    dev: false,
  });
  return { clock, inflight, said, handler };
}

/** A fetch app whose answers are given by hand, in the order of its calls. */
function held(given: Partial<RequestLimits>) {
  const called: { path: string; answer(): void; fail(): void }[] = [];
  const signals: AbortSignal[] = [];
  const call: FetchApp = (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    signals.push(request.signal);
    called.push({
      path: new URL(request.url).pathname,
      answer: () => resolve(new Response("done")),
      fail: () => reject(new Error("late")),
    });
    return promise;
  };
  const wrapped = wrap({ style: "fetch", call }, given);
  const answers = new Map<string, number>();
  const ask = (path: string, init?: RequestInit) => {
    const answer = wrapped.handler.fetch(
      new Request(`http://localhost${path}`, init),
      undefined,
    );
    void Promise.resolve(answer).then(({ status }) =>
      answers.set(path, status)
    );
    return answer;
  };
  return { ...wrapped, called, signals, answers, ask };
}

/** As much of http.IncomingMessage. */
class Incoming extends EventEmitter {
  readonly method = "POST";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly pushed: unknown[] = [];
  error: Error | undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    super();
    this.url = url;
    this.headers = headers;
  }
  push(chunk: unknown): boolean {
    this.pushed.push(chunk);
    return true;
  }
  resume(): void {}
  destroy(error: Error): void {
    this.error = error;
  }
}

function listen(call: NodeApp, given: Partial<RequestLimits>) {
  const wrapped = wrap({ style: "node", call }, given);
  const send = (url: string, headers?: Record<string, string>) => {
    const incoming = new Incoming(url, headers);
    const outgoing = new FakeOutgoing({ closes: true });
    wrapped.handler.node(incoming, outgoing);
    return { incoming, outgoing };
  };
  return { ...wrapped, send };
}

limits("a limit that is off leaves the request as it is", () => {
  const request = new Request("http://localhost/");
  const { handler, clock } = wrap({
    style: "fetch",
    call: (given) => {
      assert.is(given, request);
      assert.not.ok(Object.hasOwn(given, "signal"));
      return new Response("x");
    },
  }, {});
  assert.is((handler.fetch(request, undefined) as Response).status, 200);
  assert.is(clock.set, 0);
});

limits("an answer that comes in time is given as it is", async () => {
  const { ask, called, clock, said } = held({ requestTimeoutMs: 1000 });
  const answer = ask("/a");
  clock.pass(999);
  called[0]!.answer();
  assert.is(await (await answer).text(), "done");
  clock.pass(1000);
  assert.equal(said, []);
  assert.equal(clock.due(), []);
});

limits("an app that fails in time has failed, and is not late", async () => {
  const { ask, called, clock, said } = held({ requestTimeoutMs: 1000 });
  const answer = ask("/a");
  called[0]!.fail();
  assert.is((await answer).status, 500);
  assert.equal(clock.due(), []);
  assert.is(said.length, 1);
  assert.match(said[0] ?? "", "GET /a failed\nError: late");
});

for (const end of ["answer", "fail"] as const) {
  limits(
    `an answer that comes late is 504 and then ignored: ${end}`,
    async () => {
      const { ask, called, signals, clock, said, inflight } = held({
        requestTimeoutMs: 1000,
      });
      const answer = ask("/a?secret=1");
      takeRefused();
      clock.pass(1000);
      assert.is((await answer).status, 504);
      assert.equal(takeRefused(), [["deadline", 504, 1]]);
      assert.ok(signals[0]!.aborted);
      assert.is(signals[0]!.reason.name, "TimeoutError");
      assert.is(inflight.open, 0);
      called[0]![end]();
      await settle();
      assert.equal(said, ["GET /a had no answer within 1 s: answered 504"]);
    },
  );
}

limits("a late answer's body is ended", async () => {
  let cancelled = false;
  const gate = Promise.withResolvers<Response>();
  const { handler, clock } = wrap({
    style: "fetch",
    call: () => gate.promise,
  }, { requestTimeoutMs: 10 });
  const answer = handler.fetch(new Request("http://localhost/"), undefined);
  clock.pass(10);
  assert.is((await answer).status, 504);
  const body = new ReadableStream({ cancel: () => void (cancelled = true) });
  gate.resolve(new Response(body));
  await settle();
  assert.ok(cancelled);
});

limits("request.signal aborts when the client leaves, too", () => {
  const client = new AbortController();
  const { ask, signals } = held({ requestTimeoutMs: 1000 });
  void ask("/a", { signal: client.signal });
  assert.not.ok(signals[0]!.aborted);
  client.abort();
  assert.ok(signals[0]!.aborted);
});

limits("a listener's late answer is 504 and then ignored", async () => {
  const gate = Promise.withResolvers<void>();
  const { send, clock, said, inflight } = listen(async (_req, res) => {
    const outgoing = res as FakeOutgoing;
    await gate.promise;
    outgoing.setHeader("x", "1");
    outgoing.writeHead(200);
    outgoing.end("late");
    throw new Error("late");
  }, { requestTimeoutMs: 1000 });
  const { incoming, outgoing } = send("/a");
  const { signal } = incoming as unknown as { signal: AbortSignal };
  takeRefused();
  clock.pass(1000);
  assert.equal(takeRefused(), [["deadline", 504, 1]]);
  assert.is(outgoing.statusCode, 504);
  assert.is(outgoing.body, "Gateway Timeout\n");
  assert.ok(signal.aborted);
  assert.is(inflight.open, 0);
  gate.resolve();
  await settle();
  assert.is(outgoing.body, "Gateway Timeout\n");
  assert.equal(said, ["POST /a had no answer within 1 s: answered 504"]);
});

limits("a listener's body that began in time is not cut", () => {
  const { send, clock, said } = listen((_req, res) => {
    (res as FakeOutgoing).write("begun");
  }, { requestTimeoutMs: 1000 });
  const { outgoing } = send("/a");
  clock.pass(2000);
  assert.not.ok(outgoing.destroyed);
  assert.equal(said, []);
});

limits("a listener that wrote a head and no more is cut", () => {
  const { send, clock, said } = listen((_req, res) => {
    (res as FakeOutgoing).writeHead(200);
  }, { requestTimeoutMs: 1000 });
  const { outgoing } = send("/a");
  takeRefused();
  clock.pass(1000);
  assert.ok(outgoing.destroyed);
  assert.equal(takeRefused(), [], "no 504 was sent");
  assert.equal(said, ["POST /a had no answer within 1 s: connection cut"]);
});

limits("requests wait for their turn, in order", async () => {
  const { ask, called, answers, inflight } = held({ workerConnections: 2 });
  for (const path of ["/1", "/2", "/3", "/4"]) void ask(path);
  assert.equal(called.map(({ path }) => path), ["/1", "/2"]);
  assert.is(inflight.queued, 2);
  let idle = false;
  void inflight.idle().then(() => idle = true);
  called[1]!.answer();
  await settle();
  assert.equal(called.map(({ path }) => path), ["/1", "/2", "/3"]);
  assert.is(inflight.queued, 1);
  called[0]!.answer();
  await settle();
  assert.is(called[3]?.path, "/4");
  assert.is(inflight.queued, 0);
  assert.not(idle, "a drain waits for those that wait");
  called[2]!.answer();
  called[3]!.answer();
  await settle();
  assert.equal([...answers.values()], [200, 200, 200, 200]);
  assert.ok(idle);
});

limits("an answer after a wait passes through `finish`, once", async () => {
  const gate = Promise.withResolvers<Response>();
  let calls = 0;
  const { handler } = wrap({
    style: "fetch",
    call: () => calls++ === 0 ? gate.promise : new Response("second"),
  }, { workerConnections: 1 });
  const finished: string[] = [];
  const ask = (name: string) =>
    handler.fetch(new Request("http://localhost/"), undefined, (response) => {
      finished.push(name);
      return response;
    });
  const both = [ask("first"), ask("second")];
  gate.resolve(new Response("first"));
  await Promise.all(both);
  assert.equal(finished.toSorted(), ["first", "second"]);
});

limits("a thousand that wait for an app that answers at once", async () => {
  const gate = Promise.withResolvers<Response>();
  let calls = 0;
  const { handler } = wrap({
    style: "fetch",
    call: () => calls++ === 0 ? gate.promise : new Response(),
  }, { workerConnections: 1 });
  const answers = Array.from(
    { length: 20_000 },
    () => handler.fetch(new Request("http://localhost/"), undefined),
  );
  gate.resolve(new Response());
  await Promise.all(answers);
  assert.is(calls, 20_000);
});

limits(
  "a Node request that waited holds no drain up once it has ended, or left",
  async () => {
    const { send, inflight } = listen(() => {}, { workerConnections: 1 });
    const served = send("/served");
    const waits = send("/waits");
    const leaves = send("/leaves");
    let idle = false;
    void inflight.idle().then(() => idle = true);
    leaves.outgoing.destroy();
    served.outgoing.end("a");
    await settle();
    assert.not(idle, "/waits is served");
    waits.outgoing.end("b");
    await settle();
    assert.ok(idle);
  },
);

limits("beyond the queue a request gets 503 with Retry-After", async () => {
  const { ask, called, clock, said } = held({
    workerConnections: 1,
    maxQueue: 1,
  });
  void ask("/1");
  void ask("/2");
  takeRefused();
  for (let count = 0; count < 50; count++) {
    const refusal = await ask("/3");
    assert.is(refusal.status, 503);
    assert.is(refusal.headers.get("retry-after"), "1");
  }
  assert.is(called.length, 1);
  assert.equal(takeRefused(), [["queue", 503, 50]]);
  clock.pass(10_000);
  clock.pass(10_000);
  assert.equal(said, [
    "Refused a request with 503: 1 in hand, 1 waiting",
    "Refused 49 more with 503 in the last 10 s",
  ]);
  assert.equal(clock.due(), [], "an idle worker has no timer");
  await ask("/4");
  assert.is(said.length, 3);
});

limits("who waits too long gets 503, and its place is free", async () => {
  const { ask, called, clock, answers } = held({
    workerConnections: 1,
    maxQueueTimeMs: 500,
  });
  void ask("/1");
  void ask("/2");
  clock.pass(499);
  void ask("/3");
  clock.pass(1);
  await settle();
  assert.equal([...answers], [["/2", 503]]);
  called[0]!.answer();
  await settle();
  assert.is(called[1]?.path, "/3");
  assert.equal(clock.due(), [10_500], "that of the log alone");
});

limits("whose turn has come is not refused for its time any more", async () => {
  const { ask, called, clock, answers, said, inflight } = held({
    workerConnections: 1,
    maxQueueTimeMs: 500,
  });
  void ask("/1");
  void ask("/2");
  let idle = false;
  void inflight.idle().then(() => idle = true);
  called[0]!.answer();
  await settle();
  assert.equal(clock.due(), [], "nothing waits");
  assert.not(idle, "a drain waits for the one whose turn has come");
  clock.pass(600);
  called[1]!.answer();
  await settle();
  assert.ok(idle);
  assert.equal([...answers], [["/1", 200], ["/2", 200]]);
  assert.equal(said, []);
});

limits("time in front of the worker counts", async () => {
  const { ask, called, clock } = held({ maxQueueTimeMs: 500 });
  clock.block(1_800_000_000_000);
  const since = (ms: number) => ({
    headers: { "x-request-start": `t=${clock.date().getTime() - ms}` },
  });
  assert.is((await ask("/late", since(500))).status, 503);
  void ask("/fresh", since(499));
  void ask("/wrong", since(3_600_000));
  assert.equal(called.map(({ path }) => path), ["/fresh", "/wrong"]);
});

limits("who leaves while it waits is taken out of the queue", async () => {
  const { ask, called, said, inflight } = held({
    workerConnections: 1,
    maxQueue: 1,
  });
  const client = new AbortController();
  void ask("/1");
  void ask("/2", { signal: client.signal });
  client.abort();
  void ask("/3");
  called[0]!.answer();
  await settle();
  assert.equal(called.map(({ path }) => path), ["/1", "/3"]);
  let idle = false;
  void inflight.idle().then(() => idle = true);
  called[1]!.answer();
  await settle();
  assert.ok(idle, "a drain does not wait for it");
  assert.equal(said, []);
});

limits("listeners wait, are refused and leave in the same way", () => {
  const called: string[] = [];
  const { send, clock, said } = listen(
    (req) => void called.push((req as Incoming).url),
    { workerConnections: 1, maxQueue: 2, maxQueueTimeMs: 1000 },
  );
  const first = send("/1").outgoing;
  const late = send("/2").outgoing;
  const gone = send("/3").outgoing;
  const refused = send("/4").outgoing;
  assert.is(refused.statusCode, 503);
  assert.is(refused.headers.get("retry-after"), "1");
  gone.destroy();
  clock.pass(600);
  send("/5");
  clock.pass(400);
  assert.is(late.statusCode, 503);
  first.end("x");
  assert.equal(called, ["/1", "/5"]);
  assert.is(said.length, 1);
});

const sized: Record<string, [string, number]> = {
  "as large as the limit": ["12345", 200],
  "larger than the limit": ["123456", 413],
};
for (const [what, [body, status]] of Object.entries(sized)) {
  for (const length of [body.length, undefined]) {
    const how = length === undefined ? "in chunks" : "of a known length";
    limits(`a body ${what}, ${how}`, async () => {
      let called = 0;
      const { handler, said } = wrap({
        style: "fetch",
        call: async (request) => {
          called++;
          return new Response(await request.text());
        },
      }, { maxBody: 5 });
      const answer = await handler.fetch(
        new Request("http://localhost/", {
          method: "POST",
          body: new Blob([body]).stream(),
          headers: length === undefined
            ? { "transfer-encoding": "chunked" }
            : { "content-length": String(length) },
          ...{ duplex: "half" },
        }),
        undefined,
      );
      assert.is(answer.status, status);
      assert.is(called, status === 413 && length ? 0 : 1);
      if (status === 200) assert.is(await answer.text(), body);
      else assert.is(answer.headers.get("connection"), "close");
      assert.equal(said, []);
    });
  }
}

limits("a request whose body is counted is known to its env", async () => {
  const request = new Request("http://localhost/", {
    method: "POST",
    body: new Blob(["x"]).stream(),
    ...{ duplex: "half" },
  });
  const env = { port: 80, requestIP: (one: unknown) => one === request };
  const { handler } = wrap({
    style: "fetch",
    call: (request, given) => {
      const { port, requestIP } = given as typeof env;
      return new Response(`${port} ${requestIP(request)}`);
    },
  }, { maxBody: 5 });
  const answer = await handler.fetch(request, env);
  assert.is(await answer.text(), "80 true");
});

/** A body of pieces of two bytes, and what becomes of it. */
function watchedBody(pieces: number) {
  const seen = { pulls: 0, canceled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulls === pieces) return controller.close();
      seen.pulls++;
      controller.enqueue(new Uint8Array(2));
    },
    cancel: () => void (seen.canceled = true),
  }, { highWaterMark: 0 });
  return { seen, body };
}

function posted(
  body: ReadableStream<Uint8Array> | null,
  headers: Record<string, string> = {},
): Request {
  return new Request("http://localhost/", {
    ...{ method: "POST", body, headers, duplex: "half" },
  });
}

limits("the rest of a body of a known length is read behind 413", async () => {
  const { seen, body } = watchedBody(3);
  const { handler } = wrap({
    style: "fetch",
    call: () => assert.unreachable(),
  }, { maxBody: 5 });
  const request = posted(body, { "content-length": "6" });
  const answer = await handler.fetch(request, undefined);
  assert.is(answer.status, 413);
  await answer.text();
  assert.is(seen.pulls, 3);
});

limits("a body of no known length and no coding is counted", async () => {
  const { handler } = wrap({
    style: "fetch",
    call: async (request) => new Response(await request.text()),
  }, { maxBody: 5 });
  const ask = async (body: ReadableStream<Uint8Array> | null) =>
    (await handler.fetch(posted(body), undefined)).status;
  assert.is(await ask(watchedBody(3).body), 413);
  assert.is(await ask(watchedBody(2).body), 200);
  assert.is(await ask(null), 200);
});

for (
  const [how, answer] of [
    ["at once", () => new Response("early")],
    ["soon", () => Promise.resolve(new Response("early"))],
  ] as const
) {
  limits(`a body that exceeds after an answer ${how} is canceled`, async () => {
    let reading: Promise<string> | undefined;
    const { seen, body } = watchedBody(Infinity);
    const { handler } = wrap({
      style: "fetch",
      call(request) {
        const given = answer();
        // Once the answer is out.
        reading = settle().then(() => request.text());
        return given;
      },
    }, { maxBody: 5 });
    const early = await handler.fetch(posted(body), undefined);
    assert.is(await early.text(), "early");
    assert.is(seen.pulls, 0, "nothing is read that the app does not ask for");
    let met = "";
    await reading?.catch(({ name }: Error) => met = name);
    assert.is(met, "BodyTooLargeError");
    assert.ok(seen.canceled);
  });
}

limits("an app that reads on meets an error of status 413", async () => {
  let met: unknown;
  let reason: unknown;
  const { handler } = wrap({
    style: "fetch",
    async call(request) {
      const { signal } = request;
      signal.addEventListener("abort", () => reason = signal.reason);
      await request.text().catch((error) => met = error);
      return new Response("late");
    },
  }, { maxBody: 5 });
  takeRefused();
  const answer = await handler.fetch(
    new Request("http://localhost/", {
      method: "POST",
      body: new Blob(["123456"]).stream(),
      // The length says nothing where there is a coding.
      headers: { "transfer-encoding": "chunked", "content-length": "3" },
      ...{ duplex: "half" },
    }),
    undefined,
  );
  assert.is(answer.status, 413);
  await settle();
  const { name, status, statusCode, message } = met as Error & {
    readonly status: number;
    readonly statusCode: number;
  };
  assert.equal([name, status, statusCode], ["BodyTooLargeError", 413, 413]);
  assert.is(message, "The request body has more than 5 bytes");
  assert.is(reason, met);
  assert.equal(takeRefused(), [["body", 413, 1]]);
});

limits("a listener is not called for a body that is too long", () => {
  const { send, clock } = listen(() => assert.unreachable(), { maxBody: 5 });
  const { incoming, outgoing } = send("/", { "content-length": "6" });
  assert.is(outgoing.statusCode, 413);
  assert.ok(incoming.push(new Uint8Array(6)), "it is read on");
  assert.not(outgoing.writableEnded);
  incoming.push(null);
  assert.ok(outgoing.writableEnded, "the body was read to its end");
  assert.equal(clock.due(), []);
  assert.ok(incoming.push(new Uint8Array(6)));
  assert.equal(incoming.pushed, []);
  assert.is(outgoing.headers.get("connection"), "close");
});

limits("a refused listener's client that leaves is not waited for", () => {
  const { send, clock } = listen(() => {}, { maxBody: 5 });
  const { outgoing } = send("/", { "content-length": "6" });
  assert.is(clock.due().length, 1);
  outgoing.destroy();
  assert.equal(clock.due(), []);
});

limits("a listener that has begun its answer is cut for its body", () => {
  const { send, said } = listen((_req, res) => {
    (res as FakeOutgoing).writeHead(200);
  }, { maxBody: 5 });
  const { incoming, outgoing } = send("/", { "transfer-encoding": "chunked" });
  incoming.push(new Uint8Array(6));
  assert.is(incoming.error?.name, "BodyTooLargeError");
  assert.ok(outgoing.destroyed);
  assert.is(outgoing.body, "");
  takeRefused();
  incoming.push(new Uint8Array(6));
  assert.equal(takeRefused(), [], "it is refused once");
  assert.equal(said, []);
});

for (
  const [what, given, headers] of [
    ["a body of chunks", { maxBody: 5 }, { "transfer-encoding": "chunked" }],
    ["no body", { maxBody: 5 }, {}],
    ["a deadline", { requestTimeoutMs: 1000 }, {}],
  ] as const
) {
  limits(`a listener that fails with ${what} is answered 500`, async () => {
    const { send, said, clock } = listen(
      () => Promise.reject(new Error("early")),
      given,
    );
    const { outgoing } = send("/", headers);
    await settle();
    assert.is(outgoing.statusCode, 500);
    assert.match(said[0] ?? "", "POST / failed\nError: early");
    assert.equal(clock.due(), []);
  });
}

limits("what a listener writes within its time goes as it is", () => {
  let went: unknown;
  const { send } = listen((_req, res) => {
    went = (res as FakeOutgoing).write("a part");
  }, { requestTimeoutMs: 1000 });
  assert.is(send("/").outgoing.body, "a part");
  assert.is(went, true);
});

limits("a listener is called for a body as long as it may be", () => {
  let called = 0;
  const { send } = listen(() => void called++, { maxBody: 5 });
  const { outgoing } = send("/", { "content-length": "5" });
  assert.is(called, 1);
  assert.not(outgoing.headersSent);
});

limits("a listener's chunks are counted", () => {
  const { send, said, clock } = listen(() => {}, { maxBody: 5 });
  const chunked = { "transfer-encoding": "chunked" };
  const { incoming, outgoing } = send("/", chunked);
  const [three, two, one] = [3, 2, 1].map((size) => new Uint8Array(size));
  assert.ok(incoming.push(three), "there is room, as it says");
  incoming.push(two);
  assert.is(outgoing.body, "");
  assert.ok(incoming.push(one), "it is read on");
  assert.is(outgoing.statusCode, 413);
  assert.is(outgoing.body, "Content Too Large\n");
  incoming.push(two);
  clock.pass(5000);
  assert.is(incoming.error, undefined, "the client may still read");
  clock.pass(250);
  assert.ok(outgoing.writableEnded);
  assert.is(incoming.error?.name, "BodyTooLargeError");
  assert.equal(incoming.pushed, [three, two]);
  incoming.push(null);
  assert.is(incoming.pushed.length, 2, "the body has no end");
  assert.equal(said, []);
});

const NOW = 1_800_000_000_000;
const starts: Record<string, [string | null | undefined, number]> = {
  "seconds": ["t=1799999999.750", 250],
  "seconds without t=": ["1799999998", 2000],
  "milliseconds": ["t=1799999999900", 100],
  "microseconds": ["t=1799999999900500", 99.5],
  "a time to come": ["t=1800000001.000", 0],
  "ten minutes ago": ["t=1799999400.000", 600_000],
  "longer ago": ["t=1799999399.999", 0],
  "an hour ago": ["t=1799996400.000", 0],
  "words": ["soon", 0],
  "an empty text": ["", 0],
  "none": [null, 0],
};
for (const [what, [header, ms]] of Object.entries(starts)) {
  limits(`waitedMs() of ${what} is ${ms}`, () => {
    assert.is(Math.round(waitedMs(header, NOW) * 10) / 10, ms);
  });
}

limits.run();
