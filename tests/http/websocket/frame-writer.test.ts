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

writer.run();
