import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { formatIp } from "../../../src/base/addresses/ip.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import { ProxyHeaderReader } from "../../../src/http/proxy-protocol/proxy-header.ts";
import type { ProxyVersions } from "../../../src/http/proxy-protocol/proxy-header.ts";
import { randomFrom } from "../../support/random.ts";
import { readEveryWay, seed } from "../h1/read.ts";

const header = suite("ProxyHeaderReader");

interface Outcome {
  readonly peer: Peer | undefined;
  readonly problem: string | undefined;
  /** What follows the header; undefined where its end was not seen. */
  readonly rest: string | undefined;
}

function readPieces(
  pieces: Iterable<Uint8Array>,
  versions: ProxyVersions,
): Outcome {
  const reader = new ProxyHeaderReader(versions);
  let rest: string | undefined;
  for (const bytes of pieces) {
    if (rest !== undefined) {
      rest += Buffer.from(bytes).toString("latin1");
      continue;
    }
    const at = reader.push(bytes, 0);
    if (reader.problem !== undefined) {
      assert.is(at, -1);
      break;
    }
    if (at >= 0) rest = Buffer.from(bytes.subarray(at)).toString("latin1");
  }
  const { peer, problem } = reader;
  return { peer, problem, rest };
}

const random = randomFrom(seed);

/** Reads the text in every way. @throws where the ways differ */
function read(text: string, versions: ProxyVersions = "auto"): Outcome {
  return readEveryWay(text, (pieces) => readPieces(pieces, versions));
}

const tcp = (address: string, port: number): Peer => ({
  kind: "tcp",
  address,
  port,
});

/** A header of version 2. */
function v2(
  command: number,
  kind: number,
  body: string,
  size = body.length,
): string {
  return "\r\n\r\n\0\r\nQUIT\n" +
    String.fromCharCode(command, kind, size >> 8, size & 255) + body;
}

const V4 = "\x0a\x01\x02\x03\x7f\x00\x00\x01\x30\x39\x00\x50";
const V6 = `\x20\x01\x0d\xb8${"\0".repeat(11)}\x01${
  "\0".repeat(15)
}\x01\x30\x39\x00\x50`;
const GET = "GET / HTTP/1.1\r\n\r\n";

/** The header is read, whatever follows it. */
function accepted(text: string, peer: Peer | undefined): void {
  for (const rest of ["", GET, text]) {
    assert.equal(
      read(text + rest),
      { peer, problem: undefined, rest },
      JSON.stringify(text),
    );
  }
}

/** No part of the header, however much follows, is taken for good. */
function refused(text: string, problem: string): void {
  const outcome = read(`${text}${GET}${"\r\n".repeat(60)}`);
  assert.equal(
    [outcome.problem, outcome.rest],
    [problem, undefined],
    JSON.stringify(text),
  );
}

const MALFORMED = "a malformed PROXY header";
const NONE = "no PROXY header";

header("§2.1: version 1 names the client", () => {
  accepted(
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80\r\n",
    tcp("10.1.2.3", 12345),
  );
  accepted(
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
    tcp("255.255.255.255", 65535),
  );
  accepted("PROXY TCP6 2001:DB8::1 ::1 0 80\r\n", tcp("2001:db8::1", 0));
  const long = Array(8).fill("ffff").join(":");
  accepted(`PROXY TCP6 ${long} ${long} 65535 65535\r\n`, tcp(long, 65535));
});

header(
  "§2.1: UNKNOWN keeps the connection's own address, whatever follows",
  () => {
    const long = Array(8).fill("ffff").join(":");
    accepted("PROXY UNKNOWN\r\n", undefined);
    accepted("PROXY UNKNOWN \r\n", undefined);
    accepted("PROXY UNKNOWN any \0 thing\r\n", undefined);
    const longest = `PROXY UNKNOWN ${long} ${long} 65535 65535\r\n`;
    assert.is(longest.length, 107);
    accepted(longest, undefined);
  },
);

header("§2.1: a line of version 1 is exactly as it must be", () => {
  const lines = [
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80 1\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80 \r\n",
    "PROXY  TCP4 10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY TCP4 10.1.2.3  127.0.0.1 12345 80\r\n",
    "PROXY TCP4 10.1.2.3\t127.0.0.1 12345 80\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 080\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 65536 80\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 -1 80\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 0x10 80\r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 1e3 80\r\n",
    "PROXY TCP4 010.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY TCP4 10.1.2.256 127.0.0.1 12345 80\r\n",
    "PROXY TCP4 10.1.2.3 ::1 12345 80\r\n",
    "PROXY TCP4 ::1 ::1 12345 80\r\n",
    "PROXY TCP6 10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY TCP6 ::1%lo ::1 12345 80\r\n",
    "PROXY TCP6 [::1] [::1] 12345 80\r\n",
    "PROXY tcp4 10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY UDP4 10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY \r\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80\n",
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80\r \n",
    "PROXY TCP4\r10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY UNKNOWN\n\r\n",
    "PROXY UNKNOWN\r\r\n",
    `PROXY UNKNOWN ${"a".repeat(92)}\r\n`,
  ];
  for (const line of lines) refused(line, MALFORMED);
  accepted(`PROXY UNKNOWN ${"a".repeat(91)}\r\n`, undefined);
});

header(
  "§2.2: version 2 names the client, and what extends it is skipped",
  () => {
    accepted(v2(0x21, 0x11, V4), tcp("10.1.2.3", 12345));
    accepted(v2(0x21, 0x21, V6), tcp("2001:db8::1", 12345));
    accepted(v2(0x21, 0x31, "\0".repeat(216)), { kind: "unix" });
    for (const size of [1, 3, 40, 300, 5000, 65_535 - 36]) {
      const more = "\x04\0\0".padEnd(size, "x");
      accepted(v2(0x21, 0x11, V4 + more), tcp("10.1.2.3", 12345));
      accepted(v2(0x21, 0x21, V6 + more), tcp("2001:db8::1", 12345));
    }
  },
);

header(
  "§2.2: LOCAL keeps the connection's own address, whatever is said",
  () => {
    for (const kind of [0x00, 0x11, 0x21, 0x31, 0xff]) {
      for (const body of ["", "x", V4, V6, "x".repeat(4000)]) {
        accepted(v2(0x20, kind, body), undefined);
      }
    }
  },
);

header("§2.2: what is not specified keeps the connection's own address", () => {
  for (
    const [kind, size] of [
      [0x00, 0],
      [0x00, 300],
      [0x01, 20],
      [0x12, 12],
      [
        0x10,
        12,
      ],
      [0x22, 36],
      [0x32, 216],
    ] as const
  ) {
    accepted(v2(0x21, kind, "x".repeat(size)), undefined);
  }
});

header(
  "§2.2: other versions, commands, families and protocols are refused",
  () => {
    for (const command of [0x01, 0x11, 0x22, 0x2f, 0x31, 0xff]) {
      refused(v2(command, 0x11, V4), MALFORMED);
    }
    for (const kind of [0x41, 0x13, 0x1f, 0x2f, 0xf1, 0xff]) {
      refused(v2(0x21, kind, "x".repeat(300)), MALFORMED);
    }
  },
);

header("§2.2: addresses must be there whole", () => {
  refused(v2(0x21, 0x11, V4.slice(1)), MALFORMED);
  refused(v2(0x21, 0x12, V4.slice(1)), MALFORMED);
  refused(v2(0x21, 0x21, V6.slice(1)), MALFORMED);
  refused(v2(0x21, 0x31, "x".repeat(215)), MALFORMED);
  refused(v2(0x21, 0x11, ""), MALFORMED);
});

header("what is no header is known by its first wrong byte", () => {
  const starts = [
    GET,
    "P",
    "POST / HTTP/1.1",
    "PUT / HTTP/1.1",
    "\r\n\r\nGET /",
    "\r\n\r\n\0\r\nQUIX\n",
    "\x16\x03\x01",
    "\0",
    " PROXY TCP4",
    "proxy TCP4",
  ];
  for (const start of starts) refused(start, NONE);
});

header("the versions that are asked for are read", () => {
  const one = "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80\r\n";
  const two = v2(0x21, 0x11, V4);
  assert.is(read(one, "v1").rest, "");
  assert.is(read(two, "v2").rest, "");
  assert.is(read(one, "v2").problem, NONE);
  assert.is(read(two, "v1").problem, NONE);
});

header("a header that is not whole is neither read nor refused", () => {
  const headers = [
    "PROXY TCP6 2001:db8::1 ::1 0 80\r\n",
    "PROXY UNKNOWN\r\n",
    v2(0x21, 0x11, `${V4}abc`),
    v2(0x20, 0x00, ""),
  ];
  for (const text of headers) {
    for (let size = 0; size < text.length; size++) {
      assert.equal(read(text.slice(0, size)), {
        peer: undefined,
        problem: undefined,
        rest: undefined,
      });
    }
  }
});

header("random headers are read back", () => {
  const below = (count: number) => Math.floor(random() * count);
  for (let round = 0; round < 3000; round++) {
    const size = random() < 0.5 ? 4 : 16;
    const ip = () =>
      Uint8Array.from({ length: size }, () => random() < 0.5 ? 0 : below(256));
    const [source, destination] = [ip(), ip()];
    const [from, to] = [below(65_536), below(65_536)];
    const peer = tcp(formatIp(source), from);
    const family = size === 4 ? "TCP4" : "TCP6";
    const one = `PROXY ${family} ${formatIp(source)} ${
      formatIp(destination)
    } ${from} ${to}\r\n`;
    const two = v2(
      0x21,
      size === 4 ? 0x11 : 0x21,
      Buffer.from([...source, ...destination]).toString("latin1") +
        String.fromCharCode(from >> 8, from & 255, to >> 8, to & 255) +
        "x".repeat(random() < 0.5 ? 0 : below(300)),
    );
    for (const text of [one, two]) {
      assert.equal(read(text + GET), { peer, problem: undefined, rest: GET });
    }
  }
});

header("mutated headers are read alike however they are cut", () => {
  const seeds = [
    "PROXY TCP4 10.1.2.3 127.0.0.1 12345 80\r\n",
    "PROXY TCP6 2001:db8::1 ::1 0 80\r\n",
    "PROXY UNKNOWN any\r\n",
    v2(0x21, 0x11, V4),
    v2(0x21, 0x21, `${V6}\x04\0\x01x`),
    v2(0x20, 0x00, ""),
  ];
  const tally: Record<string, number> = {};
  for (let round = 0; round < 20_000; round++) {
    let text = seeds[Math.floor(random() * seeds.length)]! + GET;
    for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
      const at = Math.floor(random() ** 1.5 * text.length);
      const put = random() < 0.2
        ? ""
        : random() < 0.5
        ? String.fromCharCode(Math.floor(random() * 256))
        : "\r\n 0:.\0\x21\x11PT9"[Math.floor(random() * 13)]!;
      text = text.slice(0, at) + put +
        text.slice(at + (random() < 0.5 ? 1 : 0));
    }
    const { peer, problem, rest } = read(text);
    if (peer?.kind === "tcp") {
      assert.not.equal(isIP(peer.address), 0, peer.address);
      assert.ok(peer.port >= 0 && peer.port <= 65_535);
    }
    const name = problem ?? (rest === undefined ? "underway" : "read");
    tally[name] = (tally[name] ?? 0) + 1;
  }
  console.log(`\n# seed ${seed}: ${JSON.stringify(tally)}`);
  for (const outcome of ["read", "underway", MALFORMED, NONE]) {
    assert.ok((tally[outcome] ?? 0) > 100, `${outcome} was reached`);
  }
});

header.run();
