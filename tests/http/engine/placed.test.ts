import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createPlaced } from "../../../src/http/engine/placed.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import type { Answer, PlacedRequest } from "../../../src/runtime/runtime.ts";
import type { Channel } from "../../../src/runtime/transport.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const placed = suite("createPlaced()");

/** A place that is told what to say, and notes what it is asked. */
function begin({ free = true } = {}) {
  const clock = new FakeClock();
  const told: string[] = [];
  const app = Promise.withResolvers<Response>();
  const named = new Map<object, string>();
  const nameOf = (one: object) => named.get(one) ?? (one as PlacedRequest).url;
  let go = () => {};
  const state = { answer: app.promise as Answer, pending: 0 };
  const one = createPlaced({
    handler: {
      fetch(_request, env) {
        told.push(`app ${env}`);
        return state.answer;
      },
    },
    place: {
      expect: (connection) => void told.push(`expect ${nameOf(connection)}`),
      take(request, connection) {
        told.push(`take ${request.url} ${nameOf(connection)}`);
        return free;
      },
      wait(request, run) {
        told.push(`wait ${request.url}`);
        go = run;
      },
      leave: (which) => void told.push(`leave ${nameOf(which)}`),
      watch() {},
    },
    clock,
    soon: (run) => void later.push(run),
  });
  const later: (() => void)[] = [];
  const written = Promise.withResolvers<void>();
  const channel = { pending: () => state.pending } as Channel;
  named.set(channel, "channel");
  const head = {
    method: "GET",
    target: { origin: "http://a", path: "/a" },
  } as unknown as RequestExchange["head"];
  const exchange = {
    head,
    channel,
    status: undefined,
    completed: () => written.promise,
  } as unknown as RequestExchange;
  const request = new WireRequest(head, undefined, exchange);
  return {
    ...{ one, told, app, state, channel, written, clock, exchange },
    go: () => go(),
    turn: () => later.splice(0).forEach((run) => run()),
    ask: (finish?: (response: Response) => Response) =>
      one.handler.fetch(request as unknown as Request, "env", finish),
    take: () => told.splice(0),
  };
}

placed(
  "a request has the place until its answer is with the kernel",
  async () => {
    const { ask, app, written, state, take, turn, clock } = begin();
    const answer = ask();
    assert.equal(take(), ["take /a channel", "app env"]);
    app.resolve(new Response("x"));
    assert.is(await (await answer).text(), "x");
    await settle();
    turn();
    assert.equal(take(), [], "it is not written yet");
    written.resolve();
    await settle();
    state.pending = 5;
    turn();
    clock.pass(50);
    assert.equal(take(), [], "its client has not taken it");
    state.pending = 0;
    clock.pass(10);
    assert.equal(take(), ["leave /a"]);
    clock.pass(1000);
    assert.equal(take(), []);
  },
);

placed("an app at work keeps it, though its client is gone", async () => {
  for (const fails of [false, true]) {
    const { ask, app, written, take, turn } = begin();
    const answer = Promise.resolve(ask()).catch(() => "failed");
    take();
    written.reject(new Error("left"));
    await settle();
    turn();
    assert.equal(take(), []);
    if (fails) app.reject(new Error("no"));
    else app.resolve(new Response());
    await answer;
    await settle();
    assert.equal(take(), [], "in a turn of its own");
    turn();
    assert.equal(take(), ["leave /a"]);
  }
});

placed("a synchronous answer is given at once", async () => {
  const { ask, state, written, take, turn } = begin();
  const response = new Response("x");
  state.answer = response;
  assert.is(ask(), response);
  take();
  written.resolve();
  await settle();
  turn();
  assert.equal(take(), ["leave /a"]);
});

placed("one that waits is called when it has the place", async () => {
  const { ask, state, take, go } = begin({ free: false });
  state.answer = new Response("x");
  const answer = ask(() => new Response("finished"));
  assert.equal(take(), ["take /a channel", "wait /a"]);
  go();
  assert.equal(take(), ["app env"]);
  assert.is(await (await answer).text(), "finished");
});

placed("one that leaves before it has the place gives it up", async () => {
  const { ask, written, take, turn } = begin({ free: false });
  void ask();
  take();
  written.reject(new Error("left"));
  await settle();
  assert.equal(take(), ["leave /a"]);
  turn();
  assert.equal(take(), []);
});

placed("a connection is expected, and gone for good", async () => {
  const { one, channel, take, ask, app, written, state, turn } = begin();
  const seen: string[] = [];
  const events = one.accept(channel, {
    onData: (bytes) => void seen.push(`data ${bytes.length}`),
    onDrain: () => void seen.push("drain"),
    onEnd: () => void seen.push("end"),
    onClose: () => void seen.push("close"),
  });
  assert.equal(take(), ["expect channel"]);
  void ask();
  take();
  events.onData(new Uint8Array(3));
  events.onDrain();
  events.onEnd();
  events.onClose();
  assert.equal(seen, ["data 3", "drain", "end", "close"]);
  assert.equal(take(), ["leave channel"]);
  state.pending = 5;
  app.resolve(new Response());
  written.resolve();
  await settle();
  turn();
  assert.equal(take(), ["leave /a"], "nobody will take what is left");
});

placed("what has the place tells of itself", () => {
  const { exchange } = begin();
  let wanting: PlacedRequest | undefined;
  const one = createPlaced({
    handler: { fetch: () => new Response() },
    place: {
      expect() {},
      take: (request) => (wanting = request, true),
      wait() {},
      leave() {},
      watch() {},
    },
    clock: new FakeClock(),
    soon() {},
  });
  const request = new WireRequest(exchange.head, undefined, exchange);
  void one.handler.fetch(request as unknown as Request, undefined);
  const told = () => [wanting?.method, wanting?.url, wanting?.answering];
  assert.equal(told(), ["GET", "/a", false]);
  (exchange as { status?: number }).status = 200;
  assert.equal(told(), ["GET", "/a", true]);
});

placed.run();
