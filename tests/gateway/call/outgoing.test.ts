import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  refuseOutgoing,
  unlessRefused,
} from "../../../src/gateway/call/outgoing.ts";
import { FakeOutgoing } from "./outgoing.ts";

const outgoing = suite("refuseOutgoing()");
const refusal = { status: 503, text: "Service Unavailable" };
outgoing("answers in place of what the app had begun to say", () => {
  const answer = new FakeOutgoing();
  answer.setHeader("x-app", "1");
  answer.statusMessage = "Fine";
  refuseOutgoing(answer, { ...refusal, headers: { "retry-after": "1" } });
  assert.is(answer.statusMessage, refusal.text);
  assert.equal([answer.statusCode, answer.body], [503, `${refusal.text}\n`]);
  assert.is(answer.writableEnded, true);
  assert.equal(Object.fromEntries(answer.headers), {
    "content-type": "text/plain; charset=utf-8",
    "retry-after": "1",
    "content-length": "20",
  });
});

outgoing("lets an app that goes on do so without an effect", async () => {
  const answer = new FakeOutgoing();
  refuseOutgoing(answer, refusal);
  // As a stream has it: there is room, and no "drain" to wait for.
  assert.is(answer.write("late"), true);
  assert.is(answer.end("late") as unknown, answer);
  assert.is(answer.writeHead(200) as unknown, answer);
  assert.equal([answer.statusCode, answer.body], [503, `${refusal.text}\n`]);
  let called = 0;
  const late = answer as unknown as {
    write(text: string, done: () => void): void;
  };
  late.write("late", () => called++);
  assert.is(called, 0, "as always, later");
  await Promise.resolve();
  assert.is(called, 1);
});

outgoing("cuts an answer that has begun, and leaves one that has ended", () => {
  const begun = new FakeOutgoing();
  begun.write("half");
  refuseOutgoing(begun, refusal);
  assert.equal([begun.destroyed, begun.body], [true, "half"]);
  const ended = new FakeOutgoing();
  ended.end("whole");
  refuseOutgoing(ended, refusal);
  assert.equal([ended.destroyed, ended.body], [false, "whole"]);
});

outgoing("holds the end where it is told to", () => {
  const answer = new FakeOutgoing();
  let end = () => {};
  refuseOutgoing(answer, refusal, (given) => end = given);
  assert.equal([answer.body, answer.writableEnded], [
    `${refusal.text}\n`,
    false,
  ]);
  end();
  assert.equal([answer.body, answer.writableEnded], [
    `${refusal.text}\n`,
    true,
  ]);
});

outgoing("makes the app's failure no news, and no other one's", async () => {
  const answer = new FakeOutgoing();
  const failure = () => Promise.reject(new Error("late"));
  const open = unlessRefused(failure(), answer) as Promise<unknown>;
  assert.is(await open.catch((error) => error.message), "late");
  refuseOutgoing(answer, refusal);
  assert.is(await unlessRefused(failure(), answer), undefined);
  assert.is(unlessRefused("text", answer), "text");
});

outgoing.run();
