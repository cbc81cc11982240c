import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { WireExchange } from "../../../src/http/connection/exchange.ts";
import type { Informer } from "../../../src/http/connection/exchange.ts";
import type { Head } from "../../../src/http/h1/head.ts";
import { IncomingBody } from "../../../src/http/web/body.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const exchange = suite("WireExchange");

interface Options {
  method?: string;
  minor?: 0 | 1;
  te?: string;
  body?: IncomingBody;
  informer?: Partial<Informer>;
}

/** An exchange whose app and connection are the test's. */
function begin(
  { method = "GET", minor = 1, te, body, informer }: Options = {},
) {
  const informed: string[] = [];
  const head = {
    method,
    minor,
    field: (name: string) => name === "te" ? te : undefined,
  } as unknown as Head;
  const one = new WireExchange({
    head,
    body,
    channel: {} as Channel,
    informer: {
      inform: (text) => informed.push(text) > 0,
      leaveTo: () => undefined,
      ...informer,
    },
  });
  const told: string[] = [];
  one.watcher = {
    onLeft: () => void told.push("left"),
    onOver: () => void told.push("over"),
  };
  return { one, told, informed };
}

/** How a promise ends. */
function endOf(promise: Promise<void>): Promise<string> {
  return promise.then(() => "whole", () => "not whole");
}

function incoming() {
  const source = { onWanted() {}, pauseBody() {}, resumeBody() {} };
  return new IncomingBody(source, {
    length: 0,
    lent: false,
    join: () => new Uint8Array(),
  });
}

exchange(
  "completed() resolves at the end of the answer, asked when it may",
  async () => {
    const { one, told } = begin();
    const before = one.completed();
    assert.is(one.whole, false);
    one.end();
    one.end(new Error("later"));
    assert.is(await endOf(before), "whole");
    assert.is(one.completed(), before);
    const { one: asked } = begin();
    asked.end();
    assert.is(await endOf(asked.completed()), "whole");
    assert.equal([one.over, one.whole, told.join()], [true, true, "over"]);
  },
);

exchange("completed() rejects where the answer is not whole", async () => {
  const failure = new Error("left");
  const { one } = begin();
  const before = one.completed();
  one.end(failure);
  const { one: asked } = begin();
  asked.end(failure);
  for (const promise of [before, asked.completed()]) {
    assert.is(await promise.catch((error) => error), failure);
  }
  assert.equal([one.over, one.whole], [true, false]);
});

exchange("abort() tells the app once that its client is gone", () => {
  const { one, told } = begin();
  const first = new Error("first");
  one.abort(first);
  one.abort(new Error("second"));
  assert.equal(told, ["left"]);
  assert.is(one.request.signal.aborted, true);
  assert.is(one.request.signal.reason, first);
});

exchange("received is true when the last byte is here", () => {
  assert.is(begin().one.received, true);
  const body = incoming();
  const { one } = begin({ body });
  assert.is(one.received, false);
  body.end();
  assert.is(one.received, true);
});

exchange("trailers() come with the end of the body", async () => {
  const body = incoming();
  const { one } = begin({ body });
  const reading = one.trailers();
  body.trailers = ["x-sum", "1"];
  body.end();
  assert.equal([...await reading], [["x-sum", "1"]]);
  assert.equal([...await begin().one.trailers()], []);
});

exchange("earlyHints() says no more than a client knows", () => {
  const { one, informed } = begin();
  assert.is(one.earlyHints({ link: "</a>" }), true);
  assert.equal(informed, ["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"]);
  const old = begin({ minor: 0 });
  assert.is(old.one.earlyHints({ link: "</a>" }), false);
  assert.equal(old.informed, []);
  assert.throws(() => old.one.earlyHints({ link: "a\nb" }), TypeError);
});

exchange("nothing is told to a client of another protocol", () => {
  const legacy = { head: new Uint8Array(), end() {} };
  const { one, informed } = begin({ informer: { leaveTo: () => legacy } });
  const heir = {} as Parameters<WireExchange["leaveTo"]>[0];
  assert.is(one.leaveTo(heir), legacy);
  assert.is(one.leaveTo(heir), undefined);
  assert.is(one.earlyHints({ link: "</a>" }), false);
  assert.equal(informed, []);
  const kept = begin();
  assert.is(kept.one.leaveTo(heir), undefined);
  assert.is(kept.one.earlyHints({ link: "</a>" }), true);
});

exchange("sendTrailers() takes them while they would be read", () => {
  const { one } = begin({ te: "deflate, Trailers" });
  assert.is(one.sendTrailers({ "x-a": "1" }), true);
  assert.is(one.sendTrailers({ "x-b": "2" }), true);
  assert.is(one.answerTrailers?.length, 2);
  one.status = 200;
  assert.is(one.sendTrailers({ "x-c": "3" }), false);
  assert.is(one.answerTrailers?.length, 2);
});

const unread: Record<string, Options> = {
  "HTTP/1.0": { te: "trailers", minor: 0 },
  "HEAD": { te: "trailers", method: "HEAD" },
  "a client that does not ask": {},
  "a client that asks for codings": { te: "gzip" },
};
for (const [what, options] of Object.entries(unread)) {
  exchange(`sendTrailers() is false for ${what}`, () => {
    const { one } = begin(options);
    assert.is(one.sendTrailers({ "x-a": "1" }), false);
    assert.is(one.answerTrailers, undefined);
  });
}

exchange("sendTrailers() is false once the answer is over", () => {
  const { one } = begin({ te: "trailers" });
  one.end();
  assert.is(one.sendTrailers({ "x-a": "1" }), false);
  assert.throws(() => one.sendTrailers({ "content-length": "1" }), TypeError);
});

exchange.run();
