/** The sections of the Autobahn test suite, as cases of corn's own, and what a session owes beside them. */
import * as assert from "../../support/assert.ts";
import { masked } from "../../support/client/frames.ts";
import type { FrameParts } from "../../support/client/frames.ts";
import { heldBytes } from "../../support/memory.ts";
import { suite } from "../../support/suite.ts";
import { WebSocketSession } from "../../../src/http/websocket/session.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const sessions = suite("WebSocketSession");

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** A frame of the server. */
interface Frame {
  readonly opcode: number;
  readonly bytes: Uint8Array;
}

/** Reads what a server sent. */
function framesOf(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    assert.is(bytes[at]! & 0xf0, 0x80, "whole, without extensions");
    const opcode = bytes[at++]! & 15;
    let length = bytes[at++]!;
    assert.ok(length < 128, "without a mask");
    const width = length < 126 ? 0 : length === 126 ? 2 : 8;
    if (width > 0) length = 0;
    for (let count = 0; count < width; count++) {
      length = length * 256 + bytes[at++]!;
    }
    frames.push({ opcode, bytes: bytes.slice(at, at + length) });
    at += length;
  }
  return frames;
}

/** A session that echoes, on a channel of the test's own. */
function open(most = 1 << 24, pingMs = 30_000) {
  let now = 0;
  let waiting = 0;
  const writes: Uint8Array[] = [];
  const happened: string[] = [];
  const seen: unknown[] = [];
  const channel = {
    lends: true,
    write(text: string, bytes?: Uint8Array) {
      if (text !== "") happened.push(`wrote ${text}`);
      if (bytes !== undefined) writes.push(bytes);
      return waiting === 0;
    },
    pending: () => waiting,
    pause: () => void happened.push("pause"),
    resume: () => void happened.push("resume"),
    end: () => void happened.push("end"),
    cut: () => void happened.push("cut"),
  } as unknown as Channel;
  const session = new WebSocketSession({
    ...{ channel, most, pingMs, writeMs: 5000, now: () => now },
    latin1: (bytes, from, to) =>
      String.fromCharCode(...bytes.subarray(from, to)),
    onOver: ({ code, bytes }) => void happened.push(`over ${code} ${bytes}`),
  }, (one) => ({
    onOpen: () => void happened.push("open"),
    onText(text) {
      seen.push(text);
      one.send(text);
    },
    onBinary(bytes) {
      seen.push(bytes);
      one.send(bytes);
    },
    onPong: (bytes) => void seen.push(["pong", ...bytes]),
    onDrain: () => void happened.push("drain"),
    onClose: (code, reason) => void happened.push(`close ${code} ${reason}`),
  }));
  return {
    session,
    seen,
    happened,
    writes,
    /** Sends bytes in pieces, whose memory is another's when it is read. */
    push(bytes: Uint8Array, piece = bytes.length) {
      for (let at = 0; at < bytes.length; at += piece) {
        const lent = bytes.slice(at, at + piece);
        session.onData(lent);
        lent.fill(0xff);
      }
    },
    frames() {
      const all = framesOf(joined(writes));
      writes.length = 0;
      return all;
    },
    check(ms: number) {
      now += ms;
      session.check(now);
    },
    wait: (bytes: number) => void (waiting = bytes),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** The code of the close frame, which must be the last that was sent. */
function codeOf(frames: readonly Frame[]): number | undefined {
  const last = frames.at(-1);
  if (last?.opcode !== CLOSE) return undefined;
  return last.bytes.length === 0 ? 1005 : last.bytes[0]! * 256 + last.bytes[1]!;
}

sessions("1: messages of every length are echoed, however they come", () => {
  for (
    const length of [0, 1, 41, 42, 125, 126, 127, 128, 65_535, 65_536, 140_000]
  ) {
    for (const piece of length < 1000 ? [1, 3, 1 << 20] : [997, 1 << 20]) {
      const { push, frames } = open();
      const letters = "*".repeat(length);
      push(masked(TEXT, letters), piece);
      const bytes = new Uint8Array(length).map((_, at) => at * 7);
      push(masked(BINARY, bytes), piece);
      const [first, second, ...more] = frames();
      assert.equal([first?.opcode, second?.opcode, more.length], [1, 2, 0]);
      assert.ok(text(first!.bytes) === letters, `${length} letters`);
      assert.ok(second!.bytes.every((byte, at) => byte === bytes[at]));
      assert.is(second!.bytes.length, length);
    }
  }
});

sessions(
  "6: a long text that comes at once is text wherever it is not ASCII",
  () => {
    for (const length of [120, 200, 1023, 65_500, 65_536]) {
      for (const letters of ["é", "€", "😀"]) {
        const { push, frames } = open();
        const said = `${"*".repeat(length)}${letters}`;
        push(masked(TEXT, said));
        push(masked(TEXT, `${letters}${said}`));
        assert.ok(text(frames()[0]!.bytes) === said, `${length} ${letters}`);
      }
      for (const wrong of [[0xff], [0xc3], [0xed, 0xa0, 0x80]]) {
        const { push, frames } = open();
        const bytes = new Uint8Array(length).fill(42);
        bytes.set(wrong, length - wrong.length);
        push(masked(TEXT, bytes));
        assert.is(codeOf(frames()), 1007, `${length}: ${wrong}`);
      }
    }
  },
);

sessions("2: a ping is answered by a pong of the same bytes", () => {
  for (const length of [0, 1, 125]) {
    const { push, frames, seen } = open();
    const bytes = new Uint8Array(length).fill(0xfe);
    push(masked(PING, bytes), 1);
    assert.equal(frames(), [{ opcode: PONG, bytes }]);
    push(masked(PONG, "unasked"));
    assert.is(seen.length, 1);
    push(masked(TEXT, "on"));
    assert.is(frames().length, 1);
  }
});

/** What must end a session, and the code that says why. */
function refuses(
  section: string,
  cases: readonly (readonly [
    what: string,
    frames: readonly (readonly [number, (string | Uint8Array)?, FrameParts?])[],
    code: number,
  ])[],
): void {
  sessions(section, () => {
    for (const [what, sent, code] of cases) {
      const bytes = joined(sent.map((frame) => masked(...frame)));
      for (const piece of [bytes.length, 1]) {
        const { push, frames, happened } = open(1000);
        push(bytes, piece);
        push(masked(TEXT, "later"));
        assert.is(codeOf(frames()), code, what);
        assert.ok(happened.includes("end"), what);
        assert.match(happened.join(), new RegExp(`close ${code} `), what);
      }
    }
  });
}

const none = [] as const;
refuses("2 to 5: what is malformed is refused with 1002", [
  ["a long ping", [[PING, new Uint8Array(126)]], 1002],
  ...[1, 2, 4, 7].map((rsv) =>
    [`reserved bits ${rsv}`, [[TEXT, "a", { rsv }]], 1002] as const
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    [`opcode ${opcode}`, [[TEXT, "a"], [opcode, "b"]], 1002] as const
  ),
  ["a ping in parts", [[PING, "a", { fin: false }]], 1002],
  ["a close in parts", [[CLOSE, "", { fin: false }]], 1002],
  ["the rest of nothing", [[CONTINUATION, "a"]], 1002],
  ["the rest of nothing, more", [[CONTINUATION, "a", { fin: false }]], 1002],
  ["a message within one", [[TEXT, "a", { fin: false }], [TEXT, "b"]], 1002],
  ["no mask", [[TEXT, "a", { mask: false }]], 1002],
  ["a length in too many bytes", [[TEXT, "a", { width: 2 }]], 1002],
  ["a length in far too many", [[TEXT, "a", { width: 8 }]], 1002],
  ["a length beyond all", [[TEXT, "", { width: 8, length: 2 ** 63 }]], 1002],
  ...none,
]);

sessions("5: a message in parts is one, with pings between them", () => {
  const { push, frames, seen } = open();
  const part = (opcode: number, words: string, fin = false) =>
    masked(opcode, words, { fin });
  const all = joined([
    part(TEXT, "one "),
    masked(PING, "p"),
    part(CONTINUATION, ""),
    part(CONTINUATION, "two "),
    masked(PING, "q"),
    part(CONTINUATION, "three", true),
    part(BINARY, "four "),
    part(CONTINUATION, "five", true),
  ]);
  push(all, 1);
  assert.equal(
    frames().map(({ opcode, bytes }) => [opcode, text(bytes)]),
    [[PONG, "p"], [PONG, "q"], [TEXT, "one two three"], [
      BINARY,
      "four five",
    ]],
  );
  assert.is(seen.length, 2);
});

sessions("6: a text of UTF-8 comes whole, wherever it is cut", () => {
  const word = "\uFEFFκόσμε €𝄞 \u0000\uFFFF\u{10FFFF}ﷺ";
  const bytes = new TextEncoder().encode(word);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { push, seen, frames } = open();
    push(masked(TEXT, bytes.subarray(0, cut), { fin: false }));
    push(masked(CONTINUATION, bytes.subarray(cut)));
    assert.equal(seen, [word]);
    assert.is(text(frames()[0]!.bytes), word);
  }
});

const bad: readonly (readonly number[])[] = [
  ...[[0x80], [0xbf], [0xff], [0xfe, 0x61], [0xc3], [0xe2, 0x82], [0xf0, 0x9d]],
  ...[[0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf]],
  ...[[0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80]],
  ...[[0xf8, 0x88, 0x80, 0x80, 0x80], [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]],
];
refuses("6: what is no UTF-8 is refused with 1007", [
  ...bad.map((bytes) =>
    [
      `bytes ${bytes}`,
      [[TEXT, new Uint8Array([0x61, ...bytes])]],
      1007,
    ] as const
  ),
  ...bad.map((bytes) =>
    [
      `a long text with ${bytes}`,
      [[TEXT, new Uint8Array([...new Uint8Array(200).fill(97), ...bytes])]],
      1007,
    ] as const
  ),
  [
    "the first part",
    [[TEXT, new Uint8Array([0x61, 0xff]), { fin: false }]],
    1007,
  ],
  ["a reason", [[CLOSE, new Uint8Array([3, 232, 0xff])]], 1007],
]);

sessions("7: a close frame is answered, and nothing after it", () => {
  for (
    const code of [
      ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014],
      ...[3000, 3999, 4000, 4999],
    ]
  ) {
    const { push, frames, happened, seen } = open();
    const payload = joined([
      new Uint8Array([code >> 8, code & 255]),
      new TextEncoder().encode("Grüße"),
    ]);
    push(joined([masked(CLOSE, payload), masked(TEXT, "later")]), 1);
    const sent = frames();
    assert.equal([sent.length, codeOf(sent)], [1, code]);
    assert.equal(seen, []);
    assert.equal(happened.slice(0, 3), [
      "end",
      `over ${code} 11`,
      `close ${code} Grüße`,
    ]);
  }
  const { push, frames, happened } = open();
  push(masked(CLOSE));
  assert.is(codeOf(frames()), 1005);
  assert.ok(happened.includes("close 1005 "));
});

refuses("7: an invalid close frame is refused with 1002", [
  ["half a code", [[CLOSE, new Uint8Array([3])]], 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
    .map((code) =>
      [
        `code ${code}`,
        [[CLOSE, new Uint8Array([code >> 8, code & 255])]],
        1002,
      ] as const
    ),
]);

refuses("9: a message beyond the limit is refused with 1009", [
  ["at once", [[BINARY, "", { length: 1001 }]], 1009],
  ["long ago", [[BINARY, "", { length: 2 ** 40, width: 8 }]], 1009],
  [
    "in parts",
    [[TEXT, "a".repeat(600), { fin: false }], [CONTINUATION, "a".repeat(401)]],
    1009,
  ],
]);

sessions("all that one read causes goes out in one write", () => {
  const { push, writes, frames } = open();
  push(joined(Array.from({ length: 16 }, () => masked(TEXT, "hello wörld"))));
  assert.is(writes.length, 1);
  assert.equal(
    frames().map(({ bytes }) => text(bytes)),
    Array(16).fill("hello wörld"),
  );
});

sessions("9: a message of just the limit is echoed", () => {
  const { push, frames } = open(1000);
  push(masked(TEXT, "a".repeat(600), { fin: false }));
  push(masked(CONTINUATION, "a".repeat(400)));
  push(masked(BINARY, new Uint8Array(1000)));
  assert.equal(frames().map(({ bytes }) => bytes.length), [1000, 1000]);
});

sessions("what one write cannot hold goes out in several, in order", () => {
  const { push, writes, frames } = open();
  const sent = Array.from({ length: 20 }, (_, at) => 10_000 + at);
  push(
    joined(
      sent.map((size, at) =>
        at % 2 === 0
          ? masked(BINARY, new Uint8Array(size))
          : masked(TEXT, "a".repeat(size))
      ),
    ),
  );
  assert.ok(writes.length > 1 && writes.length < 10, `${writes.length} writes`);
  assert.equal(frames().map(({ bytes }) => bytes.length), sent);
});

sessions("parts of a message cost no more than their bytes", () => {
  const { push, seen } = open();
  const part = masked(CONTINUATION, "*", { fin: false });
  const parts = joined(new Array<typeof part>(10_000).fill(part));
  push(masked(BINARY, "*", { fin: false }));
  const before = heldBytes();
  for (let round = 0; round < 100; round++) push(parts);
  const grown = heldBytes() - before;
  assert.ok(grown < 8 * 2 ** 20, `${grown >> 20} MiB for 1 MB`);
  push(masked(CONTINUATION, "*"));
  const [message] = seen as Uint8Array[];
  assert.is(message?.length, 1_000_002);
});

sessions("no head without a mask is waited for", () => {
  const { push, frames } = open();
  push(masked(TEXT, "a", { mask: false }).subarray(0, 2));
  assert.is(codeOf(frames()), 1002);
});

sessions("what is corked goes out in one write", () => {
  const { session, writes, frames } = open();
  session.cork(() => {
    session.send("one");
    session.ping(new Uint8Array(1));
    session.pong(new Uint8Array(2));
  });
  assert.is(writes.length, 1);
  assert.equal(frames().map(({ opcode }) => opcode), [TEXT, PING, PONG]);
  session.close();
  session.ping(new Uint8Array(1));
  session.pong(new Uint8Array(1));
  assert.is(writes.length, 1);
});

sessions("one session may send while another reads", () => {
  const [one, other] = [open(), open()];
  other.session.cork(() => {
    other.session.send("first");
    one.push(masked(TEXT, "echo"));
    other.session.send("second");
  });
  assert.equal(one.frames().map(({ bytes }) => text(bytes)), ["echo"]);
  assert.equal(other.frames().map(({ bytes }) => text(bytes)), [
    "first",
    "second",
  ]);
});

sessions("begin() answers, opens, and reads what came with the head", () => {
  const { session, happened, seen } = open();
  session.begin("HTTP/1.1 101\r\n\r\n", masked(TEXT, "early"));
  assert.equal(happened, ["wrote HTTP/1.1 101\r\n\r\n", "open"]);
  assert.equal(seen, ["early"]);
});

sessions("close() waits for the answer, for five seconds", () => {
  const { session, push, frames, happened, check } = open();
  session.close(1012, "Service restart");
  session.send("too late");
  assert.is(codeOf(frames()), 1012);
  check(4000);
  assert.equal(happened, []);
  push(masked(CLOSE, new Uint8Array([3, 0xf4])));
  assert.equal(happened, ["end", "over 1012 19", "close 1012 "]);
  check(5000);
  assert.is(happened.at(-1), "cut");
});

sessions("close() leaves out a code that no frame may have", () => {
  for (
    const code of [
      99,
      0,
      -1,
      1004,
      1005,
      1006,
      1015,
      2999,
      5000,
      70_000,
      NaN,
      3000.5,
    ]
  ) {
    const { session, frames, happened, push } = open();
    session.close(code, "not sent");
    assert.is(frames()[0]?.bytes.length, 0, String(code));
    push(masked(CLOSE));
    assert.equal(happened, ["end", "over 1005 2", "close 1005 "]);
  }
});

sessions("a reason that is too long is cut between two characters", () => {
  const { session, frames } = open();
  session.close(4000, "ü".repeat(100));
  const [{ bytes } = { bytes: new Uint8Array(0) }] = frames();
  assert.is(text(bytes.subarray(2)), "ü".repeat(61));
});

sessions("a client that says nothing is asked twice, and cut", () => {
  const { check, frames, happened, push } = open(1000, 10);
  check(1);
  check(9);
  assert.equal(frames().map(({ opcode }) => opcode), []);
  check(1);
  assert.equal(frames().map(({ opcode }) => opcode), [PING]);
  push(masked(PONG));
  check(1);
  check(9);
  check(1);
  check(10);
  assert.equal(frames().map(({ opcode }) => opcode), [PING, PING]);
  assert.equal(happened, []);
  check(10);
  assert.equal(happened, ["cut"]);
});

sessions("a client that takes nothing is not read, and cut in the end", () => {
  const { check, happened, push, wait, session } = open();
  wait(300 * 1024);
  push(masked(TEXT, "a"));
  assert.equal(happened, ["pause"]);
  check(1000);
  wait(299 * 1024);
  check(4500);
  assert.equal(happened, ["pause"], "it took a little");
  wait(0);
  session.onDrain();
  assert.equal(happened.slice(1), ["resume", "drain"]);
  wait(1);
  check(1);
  check(5000);
  assert.is(happened.at(-1), "cut");
  wait(65 * 1024 * 1024);
  session.send("more");
  assert.is(happened.filter((one) => one === "cut").length, 2);
});

sessions("a client that ended has five seconds to be gone", () => {
  const { session, happened, check } = open();
  check(60_000);
  session.onEnd();
  check(4999);
  assert.not.ok(happened.includes("cut"));
  check(1);
  assert.is(happened.at(-1), "cut");
});

sessions("a client that is a little behind is read on", () => {
  const { push, happened, seen, wait } = open();
  wait(256 * 1024);
  push(masked(TEXT, "a"));
  assert.equal([happened, seen], [[], ["a"]]);
});

sessions("nothing is read of one that was cut, or is gone", () => {
  for (const end of ["cut", "onClose"] as const) {
    const { session, push, seen } = open();
    session[end]();
    push(masked(TEXT, "late"));
    assert.equal(seen, []);
  }
});

sessions("a connection that ends without a close frame is 1006", () => {
  for (const end of ["onEnd", "onClose"] as const) {
    const { session, happened } = open();
    session[end]();
    assert.is(happened.includes("end"), end === "onEnd", "as the client did");
    assert.match(happened.join(), /over 1006 0,close 1006 /);
    session.onClose();
    assert.is(happened.join().match(/close 1006/g)?.length, 1);
  }
});

sessions.run();
