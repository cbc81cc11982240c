import {
  hex,
  readBytes,
  readElements,
  readOid,
  readText,
  readTime,
  Tag,
  within,
} from "../../../src/http/tls/der.ts";
import type { Element } from "../../../src/http/tls/der.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { der, latin1 } from "./write-der.ts";

const elements = suite("DER");

/** The one element that these bytes are. */
function one(bytes: Uint8Array): Element {
  const [element, ...others] = readElements(bytes);
  assert.is(others.length, 0);
  return element!;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

elements("X.690 §8.1.3: a length is one byte, or says how many it has", () => {
  for (const size of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
    const value = new Uint8Array(size).fill(7);
    const element = one(der(Tag.octets, value));
    assert.equal([element.tag, element.value.length], [Tag.octets, size]);
    assert.ok(element.value.every((byte) => byte === 7));
    assert.is(element.whole.length, der(Tag.octets, value).length);
  }
  // A length of no bytes is none, and four are more than a certificate has.
  for (const head of [[0x80], [0x84, 0, 0, 0, 1], [0x84, 0, 0, 0, 0]]) {
    assert.throws(() => readElements(bytes(4, ...head, 9)), SyntaxError);
  }
});

elements("elements follow one another, and each is whole", () => {
  const both = bytes(2, 1, 5, 4, 2, 6, 7);
  assert.equal(
    readElements(both).map(({ tag, value, whole }) => [
      tag,
      [...value],
      [...whole],
    ]),
    [[2, [5], [2, 1, 5]], [4, [6, 7], [4, 2, 6, 7]]],
  );
  assert.equal(readElements(bytes()), []);
  for (
    const broken of [
      bytes(2),
      bytes(2, 1),
      bytes(2, 0x81),
      bytes(2, 0x82, 0),
      bytes(2, 1, 5, 4),
      bytes(2, 0x81, 2, 1),
    ]
  ) assert.throws(() => readElements(broken), SyntaxError, `${broken}`);
});

elements("within() opens an element of the kind that is asked for", () => {
  const list = one(der(Tag.sequence, der(Tag.integer, bytes(1))));
  assert.is(within(list, Tag.sequence).length, 1);
  assert.throws(() => within(list, Tag.set), SyntaxError);
  assert.throws(() => within(undefined, Tag.set), SyntaxError);
});

elements("X.690 §8.19: the first byte of a kind is two numbers", () => {
  for (
    const [values, text] of [
      [[0x55, 4, 3], "2.5.4.3"],
      [[0], "0.0"],
      [[39], "0.39"],
      [[40], "1.0"],
      [[79], "1.39"],
      [[80], "2.0"],
      [[120], "2.40"],
      [[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "1.2.840.113549.1.9.1"],
      [[0x88, 0x37, 3], "2.999.3"],
    ] as const
  ) assert.is(readOid(bytes(...values)), text);
});

elements("a text is read by its kind", () => {
  const text = (tag: number, value: Uint8Array) =>
    readText(one(der(tag, value)));
  assert.is(text(Tag.utf8, new TextEncoder().encode("é中")), "é中");
  for (const tag of [Tag.printable, Tag.ia5, Tag.teletex]) {
    assert.is(text(tag, latin1("a\xe9")), "a\xe9");
  }
  assert.is(text(Tag.bmp, bytes(0, 0x61, 0x4e, 0x2d)), "a中");
  assert.is(text(Tag.universal, bytes(0, 0, 0, 0x61, 0, 1, 0xf6, 0)), "a😀");
  assert.is(text(Tag.universal, bytes(0, 0x10, 0xff, 0xff)), "\u{10ffff}");
  assert.is(text(Tag.universal, bytes(0, 0x11, 0, 0)), undefined);
  assert.is(text(Tag.integer, bytes(1)), undefined);
});

elements("readBytes() makes a text of any length", () => {
  const long = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
  const text = readBytes(long);
  assert.is(text.length, long.length);
  assert.ok(long.every((byte, at) => text.charCodeAt(at) === byte));
});

elements(
  "RFC 5280 §4.1.2.5: a moment has two digits of its year, or four",
  () => {
    const time = (tag: number, text: string) =>
      readTime(one(der(tag, latin1(text)))).toISOString();
    for (
      const [text, year] of [
        ["000203040506Z", 2000],
        ["490203040506Z", 2049],
        ["500203040506Z", 1950],
        ["990203040506Z", 1999],
      ] as const
    ) assert.is(time(Tag.utcTime, text), `${year}-02-03T04:05:06.000Z`);
    assert.is(time(Tag.time, "20500203040506Z"), "2050-02-03T04:05:06.000Z");
    assert.is(time(Tag.time, "19000203040506Z"), "1900-02-03T04:05:06.000Z");
    for (
      const [tag, text] of [
        [Tag.utcTime, "20500203040506Z"],
        [Tag.time, "500203040506Z"],
        [Tag.time, "20500203040506"],
        [Tag.time, "20500203040506+0100"],
        [Tag.time, "2050020304050Z"],
        [Tag.utcTime, ""],
      ] as const
    ) assert.throws(() => time(tag, text), SyntaxError, text);
  },
);

elements("hex() has two digits for each byte", () => {
  assert.is(hex(bytes(0, 0x0a, 0xff)), "000AFF");
  assert.is(hex(bytes(0, 0x0a, 0xff), ":"), "00:0A:FF");
  assert.is(hex(bytes(), ":"), "");
});

elements.run();
