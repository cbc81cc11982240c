import { Buffer } from "node:buffer";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { ChunkedDecoder } from "../../../src/http/h1/chunked.ts";
import { optionsWith, post, readOne, refused } from "./read.ts";
import type { ReadRequest } from "./read.ts";
import type { WireLimits } from "../../../src/http/h1/limits.ts";

const chunked = suite("ChunkedDecoder");

const body = (text: string) => post(["Transfer-Encoding: chunked"], text);

function decode(text: string, limits: Partial<WireLimits> = {}): ReadRequest {
  return readOne(body(text), limits);
}

function refuse(
  status: number,
  texts: readonly string[],
  limits: Partial<WireLimits> = {},
): void {
  refused(status, texts.map(body), limits);
}

chunked(
  "RFC 9112 §7.1: chunks are sizes and data, and an empty one is the last",
  () => {
    assert.is(decode("0\r\n\r\n").body, "");
    assert.is(decode("5\r\nhello\r\n0\r\n\r\n").body, "hello");
    assert.is(
      decode("2\r\nab\r\n00A\r\n0123456789\r\n000\r\n\r\n").body,
      "ab0123456789",
    );
    assert.is(
      decode("9\r\n\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n").body,
      "\r\n\r\n0\r\n\r\n",
    );
  },
);

chunked("RFC 9112 §7.1: a size is hexadecimal digits and nothing else", () => {
  refuse(400, [
    "\r\n",
    "g\r\n",
    "-1\r\n",
    "+1\r\n",
    "0x1\r\na\r\n",
    " 1\r\na\r\n",
    "1 \r\na\r\n",
    "1_0\r\n",
    "1,1\r\n",
    `${"1".repeat(17)}\r\n`,
  ]);
});

chunked(
  "RFC 9112 §7.1: a size may have zeros in front, 16 digits in all",
  () => {
    const zeros = (count: number) => "0".repeat(count);
    const end = `${zeros(16)}\r\n\r\n`;
    assert.is(decode(`${zeros(15)}3\r\nabc\r\n${end}`).body, "abc");
    // Each size is counted on its own.
    assert.is(decode(`${zeros(14)}0a\r\n0123456789\r\n${end}`).body.length, 10);
    refuse(400, [`${zeros(16)}3\r\nabc\r\n${end}`, `${zeros(17)}\r\n\r\n`]);
  },
);

chunked("RFC 9112 §7.1: a size beyond what can be counted is refused", () => {
  refuse(413, ["ffffffffffffffff\r\n", "20000000000001\r\n"]);
});

chunked("RFC 9112 §7.1: lines and data end with CRLF", () => {
  refuse(400, [
    "1\na\r\n",
    "1\ra\r\n",
    "1\r\nab\r\n",
    "1\r\na\n0\r\n\r\n",
    "1\r\na\r0\r\n\r\n",
    "1\r\na0\r\n\r\n",
    // Data may end as a line does.
    "1\r\n\n\rx1\r\na\r\n0\r\n\r\n",
    "0\r\n\n",
    "0\n\r\n",
  ]);
});

chunked("RFC 9112 §7.1.1: extensions that are well-formed are ignored", () => {
  for (
    const extension of [
      ";a",
      ";a=b",
      ' ; a = "b c"',
      ';a="\\"\r"'.replace("\r", ""),
      ";a;b=c;d",
      ";name=value;other=bcd",
      ";a=bcd",
      "\t;\ta",
      ';a="\xfc;,"',
      ";a =b",
      ";a=\tb",
      ";a\t",
      ";a=b ",
      ";a=b ;c",
      ';a="b" ;c',
      ';a="b"\t',
      ';a=""',
      ';a="\\\\"',
      ';a="\\";\\b"',
    ]
  ) {
    assert.is(decode(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`).body, "x");
  }
  refuse(400, [
    "1;\r\nx\r\n",
    "1;=b\r\nx\r\n",
    "1;a=\r\nx\r\n",
    '1;a="b\r\n"\r\nx\r\n',
    '1;a="b"c\r\nx\r\n',
    "1;a=b\nx\r\n",
    "1x;a=b\r\nx\r\n0\r\n\r\n",
    "1;a\x00\r\nx\r\n",
    '1;a="\x7f"\r\nx\r\n',
    "1 a\r\nx\r\n",
    "1 ;\r\nx\r\n",
    "1;a b\r\nx\r\n",
    "1;a=b c\r\nx\r\n",
    "1;a=b=c\r\nx\r\n",
    '1;a"b"\r\nx\r\n',
    '1;a="b" c\r\nx\r\n',
    '1;a="\\\x00"\r\nx\r\n',
    '1;a="\\"\r\nx\r\n',
  ]);
});

chunked("RFC 9112 §7.1.1: extensions are bounded over the whole body", () => {
  const long = "a".repeat(4000);
  const two = `1;${long}\r\nx\r\n1;${long}\r\ny\r\n0\r\n\r\n`;
  assert.is(decode(two).body, "xy");
  refuse(413, [
    `1;${"a".repeat(9000)}\r\nx\r\n0\r\n\r\n`,
    `1;${"a".repeat(80)}\r\nx\r\n`.repeat(120),
  ]);
});

chunked("RFC 9112 §7.1.2: trailers are kept apart from the fields", () => {
  const { fields, trailers } = decode("0\r\nX-Sum: abc \r\nx-two:\r\n\r\n");
  assert.equal(trailers, ["x-sum", "abc", "x-two", ""]);
  assert.equal(fields, ["host", "a", "transfer-encoding", "chunked"]);
});

chunked(
  "RFC 9110 §6.5.1: trailers that would change the message are refused, others that are none dropped",
  () => {
    for (
      const name of [
        "Connection",
        "Content-Length",
        "Host",
        "Proxy-Connection",
        "transfer-encoding",
        "Upgrade",
      ]
    ) {
      refuse(400, [`0\r\n${name}: x\r\n\r\n`]);
    }
    for (
      const name of [
        "Authorization",
        "Content-Encoding",
        "content-type",
        "Cookie",
        "Expect",
        "TE",
        "Trailer",
      ]
    ) {
      const { trailers } = decode(
        `0\r\nX-A: 1\r\n${name}: x\r\nX-B: 2\r\n\r\n`,
      );
      assert.equal(trailers, ["x-a", "1", "x-b", "2"], name);
    }
    // They count all the same.
    refuse(431, [`0\r\n${"Cookie: y\r\n".repeat(6)}\r\n`], {
      requestFields: 5,
    });
  },
);

chunked("RFC 9112 §7.1.2: trailers are read as strictly as fields", () => {
  refuse(400, [
    "0\r\nX : y\r\n\r\n",
    "0\r\n X: y\r\n\r\n",
    "0\r\nX: a\r\n b\r\n\r\n",
    "0\r\nX: \x00\r\n\r\n",
  ]);
  refuse(431, [`0\r\nX: ${"a".repeat(60)}\r\n\r\n`], { requestFieldSize: 50 });
  refuse(431, [`0\r\n${"X: y\r\n".repeat(6)}\r\n`], { requestFields: 5 });
});

chunked("RFC 9110 §15.5.14: a body beyond the limit is answered by 413", () => {
  const limits = { requestBody: 5 };
  assert.is(decode("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", limits).body, "abcde");
  refuse(
    413,
    ["6\r\nabcdef\r\n0\r\n\r\n", "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"],
    limits,
  );
});

chunked("small chunks of one read are one piece", () => {
  const sizes = [1, 1, 2, 9, 10, 15, 16, 1, 255, 1, 3, 2047, 1];
  const datas = sizes.map((size, at) => String(at % 10).repeat(size));
  const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`;
  const small = datas.map(chunk).join("");
  const text = `${small}1;a=b\r\nx\r\n0B\r\n0123456789A\r\n`;
  const large = "y".repeat(2048);
  const decoder = new ChunkedDecoder(optionsWith());
  const bytes = Buffer.from(`${text}${chunk(large)}${small}0\r\n\r\nGET`);
  const found: string[] = [];
  let at = 0;
  while (!decoder.done) {
    at = decoder.push(bytes, at);
    found.push(bytes.toString("latin1", decoder.from, decoder.to));
  }
  assert.equal(found, [
    `${datas.join("")}x0123456789A`,
    `${large}${datas.join("")}`,
  ]);
  // What follows the body is where it was.
  assert.is(bytes.toString("latin1", at), "GET");
});

chunked("small chunks count for the limit, and are read at any cut", () => {
  const limits = { requestBody: 40 };
  const chunks = (count: number) => "1\r\na\r\n".repeat(count);
  const body = `${chunks(19)}F\r\n${"b".repeat(15)}\r\n${chunks(6)}`;
  const end = "0;c\r\nX-Y: z\r\n\r\n";
  const read = decode(body + end, limits);
  assert.is(read.body, "a".repeat(19) + "b".repeat(15) + "a".repeat(6));
  assert.equal(read.trailers, ["x-y", "z"]);
  refuse(413, [
    `${body}1\r\na\r\n${end}`,
    `${chunks(39)}2\r\naa\r\n${end}`,
    `${chunks(20)}F\r\n${"b".repeat(15)}\r\n${chunks(6)}${end}`,
  ], limits);
  for (const wrong of ["1\r\naa\n", "1\na\r\n", "g\r\na\r\n", "1\r\na\n\n"]) {
    refuse(400, [`${chunks(5)}${wrong}${chunks(5)}${end}`]);
  }
});

chunked("what came before a verdict is given", () => {
  const decoder = new ChunkedDecoder(optionsWith({ requestBody: 3 }));
  const bytes = Buffer.from("1\r\na\r\n1\r\nb\r\n2\r\ncd\r\n");
  decoder.push(bytes, 0);
  assert.is(decoder.verdict?.status, 413);
  assert.is(bytes.toString("latin1", decoder.from, decoder.to), "ab");
});

chunked.run();
