import { Buffer } from "node:buffer";
import * as assert from "../../support/assert.ts";
import { masked } from "../../support/client/frames.ts";
import { suite } from "../../support/suite.ts";
import { FrameReader } from "../../../src/http/websocket/frame-reader.ts";

const reader = suite("FrameReader");

const [TEXT, BINARY, CLOSE] = [1, 2, 8];

/** One that notes the texts it reads. */
function read() {
  const texts: string[] = [];
  const closes: unknown[] = [];
  const nothing = () => {};
  const subject = new FrameReader({
    onText: (text) => void texts.push(text),
    ...{ onBinary: nothing, onPing: nothing, onPong: nothing },
    onCloseFrame: (...all) => void closes.push(all),
  }, {
    most: 100,
    latin1: (bytes, from, to) =>
      Buffer.from(bytes).toString("latin1", from, to),
  });
  return { subject, texts, closes };
}

reader("reads nothing once it was stopped", () => {
  const { subject, texts } = read();
  subject.push(masked(TEXT, "one"));
  subject.stop();
  assert.is(subject.push(masked(TEXT, "two")), undefined);
  assert.equal(texts, ["one"]);
});

reader("reads nothing after what is wrong", () => {
  const { subject, texts } = read();
  assert.is(subject.push(masked(BINARY, new Uint8Array(101)))?.code, 1009);
  assert.is(subject.push(masked(TEXT, "two")), undefined);
  assert.equal(texts, []);
});

reader("a frame without a mask is refused by its first two bytes", () => {
  for (const payload of ["", "a", "a".repeat(100), "a".repeat(200)]) {
    const { subject, texts } = read();
    const frame = masked(TEXT, payload, { mask: false });
    assert.is(subject.push(frame.subarray(0, 1)), undefined);
    assert.is(subject.push(frame.subarray(1, 2))?.reason, "No mask");
    assert.equal(texts, []);
  }
});

reader("reads nothing after a text that is none", () => {
  for (const fin of [true, false]) {
    const { subject, texts } = read();
    const wrong = masked(TEXT, new Uint8Array([0xff]), { fin });
    assert.is(subject.push(wrong)?.code, 1007);
    assert.is(subject.push(masked(TEXT, "two")), undefined);
    assert.equal(texts, []);
  }
});

reader("gives the reason of a close frame as it was sent", () => {
  const { subject, closes } = read();
  const reason = new TextEncoder().encode("\ufeffbye");
  subject.push(masked(CLOSE, new Uint8Array([0x03, 0xe8, ...reason])));
  assert.equal(closes, [[1000, "\ufeffbye"]]);
});

reader.run();
