import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  bytesOf,
  streamOfIterable,
} from "../../../src/http/web/iterable-body.ts";

const iterable = suite("A body of pieces");

iterable("bytesOf() takes a text, and bytes in any form", () => {
  const bytes = Uint8Array.of(97, 98, 99, 100);
  const { buffer } = bytes;
  assert.ok(bytesOf(bytes) === bytes);
  for (
    const [piece, text] of [
      ["é", "é"],
      [buffer, "abcd"],
      [new DataView(buffer, 1, 2), "bc"],
      [new Uint16Array(buffer, 2, 1), "cd"],
      ["", ""],
    ] as const
  ) assert.is(new TextDecoder().decode(bytesOf(piece)), text);
  for (const piece of [5, null, undefined, {}, [97]]) {
    assert.throws(() => bytesOf(piece), TypeError);
  }
});

iterable("streamOfIterable() leaves all else as it is", () => {
  const others = [null, undefined, "text", new ReadableStream(), {}, [1]];
  for (const body of others) assert.is(streamOfIterable(body), body);
});

iterable("streamOfIterable() takes a piece when one is read", async () => {
  const told: string[] = [];
  async function* pieces() {
    try {
      for (const piece of ["a", "b", "c"]) {
        told.push(piece);
        yield piece;
      }
      await Promise.resolve();
    } finally {
      told.push("end");
    }
  }
  const stream = streamOfIterable(pieces());
  assert.instance(stream, ReadableStream);
  const reader = (stream as unknown as ReadableStream<Uint8Array>).getReader();
  await Promise.resolve();
  assert.equal(told, []);
  const { value } = await reader.read();
  assert.is(new TextDecoder().decode(value), "a");
  assert.equal(told, ["a"]);
  await reader.cancel();
  assert.equal(told, ["a", "end"]);
  const whole = streamOfIterable(pieces()) as unknown as BodyInit;
  assert.is(await new Response(whole).text(), "abc");
});

iterable.run();
