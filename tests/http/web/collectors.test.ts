import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Gathered } from "../../../src/http/web/byte-collector.ts";
import {
  GatheredText,
  wholeLength,
} from "../../../src/http/web/text-collector.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const collectors = suite("Collectors of bytes and text");

const SIZE = 3_000_000;

/** Adds bytes in pieces of 1 to 100 000 from a buffer that is overwritten. */
function feed(
  collector: Pick<Gathered, "add">,
  bytes: Uint8Array,
  random: () => number,
): void {
  const lent = new Uint8Array(100_100);
  let at = 0;
  while (at < bytes.length) {
    const size = Math.ceil(10 ** (5 * random()));
    const from = Math.floor(100 * random());
    const piece = bytes.subarray(at, at + size);
    lent.set(piece, from);
    collector.add(lent, from, from + piece.length);
    lent.fill(0, from, from + piece.length);
    at += piece.length;
  }
}

collectors("bytes are put together in order, announced or not", () => {
  const random = randomFrom(anySeed());
  for (const size of [0, 1, 1000, 262_143, 262_144, 262_145, 524_288, SIZE]) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => at * 7 % 251);
    for (const announced of [0, size]) {
      const gathered = new Gathered(announced);
      feed(gathered, bytes, random);
      const all = gathered.take();
      assert.is(all.length, size);
      assert.ok(all.every((byte, at) => byte === bytes[at]));
    }
  }
});

collectors("text is that of all bytes at once", () => {
  const random = randomFrom(anySeed());
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  // Byte order marks within the text stay, one at its start does not.
  for (const sample of ["abc", "\ufeffé", "中\ufeff", "a\u{1f600}中\ufeffé"]) {
    const text = sample.repeat(SIZE / sample.length / 3);
    const bytes = encoder.encode(text);
    const gathered = new GatheredText();
    feed(gathered, bytes, random);
    assert.ok(gathered.take() === decoder.decode(bytes), sample);
  }
  assert.is(new GatheredText().take(), "");
});

collectors("wholeLength() cuts no character, whatever the bytes are", () => {
  const random = randomFrom(anySeed());
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const alphabet = [0x41, 0x80, 0xbf, 0xc2, 0xc0, 0xe2, 0xed, 0xf0, 0xf4, 0xff];
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from(
      { length: 3 + Math.floor(9 * random()) },
      () => alphabet[Math.floor(random() * alphabet.length)]!,
    );
    const before = bytes.subarray(0, 3 + Math.floor(random() * bytes.length));
    const length = wholeLength(before);
    assert.ok(before.length - length <= 3);
    const parts = decoder.decode(bytes.subarray(0, length)) +
      decoder.decode(bytes.subarray(length));
    if (parts !== decoder.decode(bytes)) {
      throw new Error(`Cut at ${length}: ${bytes}`);
    }
  }
  assert.is(wholeLength(encoded("a中")), 1);
  assert.is(wholeLength(encoded("aaaa")), 4);
});

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

collectors.run();
