import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  BodyFlow,
  UNREAD_BYTES,
} from "../../../src/http/connection/body-flow.ts";
import type { Host } from "../../../src/http/connection/host.ts";
import type { Head } from "../../../src/http/h1/head.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import { optionsWith } from "../h1/read.ts";

const flow = suite("BodyFlow");

/** A body on a connection of the test's own. */
function begin(facts: Partial<Head> = { framing: "length", length: 10 }) {
  const asked: string[] = [];
  const state = { now: 1_000_000, goesOn: true };
  const body = new BodyFlow(
    { framing: "length", length: 0, expectsContinue: false, ...facts } as Head,
    {
      goOn: () => asked.push("go on") > 0 && state.goesOn,
      adjust: () => void asked.push("adjust"),
    },
    {
      host: {
        now: () => state.now,
        parser: optionsWith(),
        transport: { join: (pieces: Uint8Array[]) => pieces[0] },
      } as unknown as Host,
      lent: true,
    },
  );
  return { body, asked, state, isSlow: () => body.isSlow(state.now, limits) };
}

const limits = { ...defaultLimits, bodyRate: 0 };
const text = (length: number) => new Uint8Array(length).fill(97);

flow("reads to its end, and no further", () => {
  const { body } = begin();
  assert.equal([body.left, body.reading], [10, true]);
  assert.is(body.read(text(6), 0), 6);
  assert.equal([body.left, body.reading], [4, true]);
  assert.is(body.read(text(100), 50), 54);
  assert.equal([body.left, body.reading], [0, false]);
  assert.is(body.incoming.whole, true);
});

flow("does not know how much is left of chunks, until they are here", () => {
  const { body } = begin({ framing: "chunked" });
  assert.is(body.left, Infinity);
  const end = new TextEncoder().encode("1\r\na\r\n0\r\nx-a: b\r\n\r\nnext");
  assert.is(body.read(end, 0), end.length - 4);
  assert.equal([body.left, body.reading], [0, false]);
  assert.equal(body.incoming.trailers, ["x-a", "b"]);
});

flow("reads no more once it was stopped, or has failed", async () => {
  for (const how of ["stop", "fail"] as const) {
    const { body, asked } = begin({ framing: "length", length: 200_000 });
    body.read(text(60_000), 0);
    body[how](new Error("left"));
    assert.equal([body.reading, body.left], [false, 0]);
    body.pauseBody();
    assert.equal([body.paused, asked.join()], [false, ""]);
    if (how === "stop") continue;
    const why = await body.incoming.text().catch((error) => error.message);
    assert.is(why, "left");
  }
});

flow("has a verdict on what is no body, and does not end by it", () => {
  const { body } = begin({ framing: "chunked" });
  body.read(new TextEncoder().encode("x\r\n"), 0);
  assert.equal([body.verdict?.status, body.reading], [400, true]);
});

flow("asks its client to go on once, when the app reads", () => {
  const { body, asked, state, isSlow } = begin({
    framing: "length",
    length: 10,
    expectsContinue: true,
  });
  state.now += 60_000;
  assert.is(isSlow(), false, "it waits to be told");
  body.onWanted();
  assert.equal([asked, body.waits], [["go on"], false]);
  body.onWanted();
  assert.equal(asked, ["go on"]);
  assert.is(isSlow(), false);
  state.now += 30_000;
  assert.is(isSlow(), true);
  const late = begin({ framing: "length", length: 10, expectsContinue: true });
  late.state.goesOn = false;
  late.body.onWanted();
  assert.is(late.body.waits, true, "the answer has begun");
  late.body.read(text(1), 0);
  assert.is(late.body.waits, false);
});

flow("the time in which the app takes no more is not the client's", () => {
  const { body, asked, state, isSlow } = begin();
  state.now += 29_999;
  assert.is(isSlow(), false);
  body.pauseBody();
  state.now += 60_000;
  assert.is(isSlow(), false);
  body.resumeBody();
  assert.equal([body.paused, asked.length], [false, 2]);
  body.resumeBody();
  assert.is(asked.length, 2);
  assert.is(isSlow(), false);
  state.now += 30_000;
  assert.is(isSlow(), true);
  body.read(text(1), 0);
  assert.is(isSlow(), false);
});

flow("as much is read past as may be", () => {
  const { body } = begin();
  assert.is(body.spend(UNREAD_BYTES - 1), true);
  assert.is(body.spend(1), true);
  assert.is(body.spend(1), false);
});

flow.run();
