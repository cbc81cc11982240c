import { AnswerReader } from "../../../src/control/client/answer-reader.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const reader = suite("AnswerReader");

/** Feeds a text in pieces of a size. */
function feed(text: string, size: number) {
  const reader = new AnswerReader();
  const bytes = new TextEncoder().encode(text);
  const events = [];
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.slice(at, at + size));
    events.push(...reader.events());
  }
  return { whole: reader.whole, events };
}

const JSON_ANSWER =
  `HTTP/1.1 409 Conflict\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n"é"`;

const EVENTS =
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: alive\n\nid: 7\nevent: log\ndata: {"a":"é: b"}\n\nevent: lost\ndata: {}\n\n`;

for (const size of [1, 7, 4096]) {
  reader(`reads answers in pieces of ${size} bytes`, () => {
    assert.equal(feed(JSON_ANSWER, size).whole, { status: 409, text: `"é"` });
    assert.is(feed(JSON_ANSWER.slice(0, -1), size).whole, undefined);
  });

  reader(`reads events in pieces of ${size} bytes`, () => {
    const { whole, events } = feed(EVENTS, size);
    assert.is(whole, undefined);
    assert.equal(events, [
      { id: 7, event: "log", data: { a: "é: b" } },
      { event: "lost", data: {} },
    ]);
  });
}

reader.run();
