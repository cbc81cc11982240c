import { Buffer } from "node:buffer";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { FrameWriter } from "../../../src/http/websocket/frame-writer.ts";

const writer = suite("FrameWriter");

for (const lends of [true, false]) {
  writer(`counts what it writes, ${lends ? "lent" : "given"}`, () => {
    let wrote = 0;
    let writes = 0;
    const note = (size: number) => {
      wrote += size;
      writes++;
      return true;
    };
    const frames = new FrameWriter({
      write: (_, bytes = new Uint8Array()) => note(bytes.length),
      ...(lends && { writeLent: (_, size) => note(size) }),
    });
    frames.gather();
    frames.text("hello");
    frames.binary(new Uint8Array(3));
    assert.is(writes, 0);
    frames.flush();
    assert.is(writes, 1, "both in one write");
    assert.is(frames.bytes, 2 + 5 + 2 + 3);
    frames.binary(new Uint8Array(100_000));
    assert.is(frames.bytes, 12 + 10 + 100_000);
    assert.is(wrote, frames.bytes);
  });
}

writer("a long text is whole, however many bytes its letters have", () => {
  for (let length = 21_830; length < 21_860; length++) {
    const frames: Uint8Array[] = [];
    const one = new FrameWriter({
      write: (_, bytes = new Uint8Array()) => frames.push(bytes) > 0,
    });
    one.text("\u20ac".repeat(length));
    const [frame = new Uint8Array()] = frames;
    const bytes = 3 * length;
    const head = bytes < 65_536 ? 4 : 10;
    assert.equal([frames.length, frame.length], [1, head + bytes]);
    const text = new TextDecoder().decode(frame.subarray(head));
    assert.ok(text === "\u20ac".repeat(length));
  }
});

/** A writer, and all that it wrote. */
function open(lends: boolean) {
  const writes: Buffer[] = [];
  const note = (bytes: Uint8Array) => writes.push(Buffer.from(bytes)) > 0;
  const subject = new FrameWriter({
    write: (_, bytes = new Uint8Array()) => note(bytes),
    ...(lends && {
      writeLent: (bytes: Uint8Array, size: number) =>
        note(bytes.subarray(0, size)),
    }),
  });
  return { subject, writes };
}

for (const lends of [true, false]) {
  const how = lends ? "lent" : "given";
  writer(`what does not fit is written in its order, ${how}`, () => {
    const { subject, writes } = open(lends);
    const head = [0x82, 126, 0x75, 0x30];
    const large = [0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70];
    const expected: Buffer[] = [];
    subject.gather();
    for (const fill of [1, 2, 3]) {
      const bytes = new Uint8Array(30_000).fill(fill);
      subject.binary(bytes);
      subject.text("é".repeat(40));
      expected.push(Buffer.from(head), Buffer.from(bytes));
      expected.push(Buffer.from([0x81, 80]), Buffer.from("é".repeat(40)));
    }
    const much = new Uint8Array(70_000).fill(4);
    subject.binary(much);
    subject.text("last");
    expected.push(Buffer.from(large), Buffer.from(much));
    expected.push(Buffer.from([0x81, 4]), Buffer.from("last"));
    subject.flush();
    subject.flush();
    assert.ok(Buffer.concat(writes).equals(Buffer.concat(expected)));
    assert.is(writes.length, 4, "two that are full, the large one, the rest");
  });

  writer(`what one keeps is not mixed with another's, ${how}`, () => {
    const [one, other] = [open(lends), open(lends)];
    one.subject.gather();
    one.subject.text("one");
    other.subject.gather();
    other.subject.text("other");
    other.subject.binary(new Uint8Array([1, 2]));
    other.subject.flush();
    assert.is(one.writes.length, 0);
    one.subject.flush();
    one.subject.text("alone");
    const said = ({ writes }: typeof one) =>
      Buffer.concat(writes).toString("latin1");
    assert.is(said(one), "\x81\x03one\x81\x05alone");
    assert.is(said(other), "\x81\x05other\x82\x02\x01\x02");
    assert.is(one.subject.bytes, 12);
    assert.is(other.subject.bytes, 11);
  });
}

writer.run();
