import {
  encodeFrame,
  FrameReader,
  KINDS,
  MAX_FRAME_BYTES,
} from "../../src/tasks/frame.ts";
import type { Frame } from "../../src/tasks/frame.ts";
import { anySeed, randomFrom } from "../support/random.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";

const frames = suite("Frames of tasks");

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function sent(value: unknown): unknown {
  const read = new FrameReader().push(joined(encodeFrame(KINDS.value, value)));
  assert.is(read.length, 1);
  return read[0]?.value;
}

frames("values come as they were sent", () => {
  for (
    const value of [
      null,
      undefined,
      0,
      -0,
      1.5,
      NaN,
      -Infinity,
      12345678901234567890n,
      "",
      "zß水🌽\ud800",
      true,
      [1, undefined, [2]],
      { a: { b: [null] }, "": 1 },
      new Date(5),
      { $corn: ["bytes", 0, "Uint8Array"] },
      { a: { $corn: { $corn: 1 } } },
      new Uint8Array([1, 2, 3]),
      { left: new Uint8Array(0), right: [new Uint8Array([9])] },
      new Float32Array([1.5, -2]),
      new BigInt64Array([-1n]),
    ]
  ) {
    const back = sent(value);
    if (typeof value === "number") assert.ok(Object.is(back, value));
    else assert.equal(back, value);
  }
  const buffer = sent(new Uint8Array([7, 8]).buffer);
  assert.ok(buffer instanceof ArrayBuffer);
  assert.equal(new Uint8Array(buffer), new Uint8Array([7, 8]));
});

frames("a Buffer comes as the bytes that it shows", () => {
  const slab = new Uint8Array([0, 1, 2, 3, 4]);
  const back = sent({ part: slab.subarray(1, 3) }) as { part: Uint8Array };
  assert.equal(back.part, new Uint8Array([1, 2]));
});

frames("a member named __proto__ stays a member", () => {
  const back = sent(JSON.parse('{"__proto__":{"polluted":[1]}}')) as object;
  assert.is(Object.getPrototypeOf(back), Object.prototype);
  assert.equal(Object.getOwnPropertyDescriptor(back, "__proto__")?.value, {
    polluted: [1],
  });
});

/** Many times in each other, with what JSON cannot hold in the midst. */
function nested(levels: number, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) {
    value = level % 2 === 0 ? [level, value] : { level, value };
  }
  return value;
}

frames("large and deep values come as they were sent", () => {
  for (const inner of [1, undefined, new Uint8Array([1])]) {
    for (const levels of [1, 15, 16, 17, 40]) {
      const value = nested(levels, inner);
      assert.equal(sent(value), value);
    }
    const many = Array.from({ length: 1500 }, (_, id) => ({ id, inner: [] }));
    const last = [...many, [inner]];
    assert.equal(sent(last), last);
  }
});

frames("a circle of many roads is found soon", () => {
  const trees: Record<string, unknown>[] = [];
  for (let at = 0; at < 30; at++) trees.push({ at, all: trees });
  assert.throws(() => sent(trees), /it holds itself/);
});

frames("what others have put into each object or array is not sent", () => {
  const added = { value: 1, enumerable: true, configurable: true };
  for (const prototype of [Object.prototype, Array.prototype]) {
    Object.defineProperty(prototype, "added", added);
    try {
      assert.equal(Object.keys(sent({ a: [1] }) as object), ["a"]);
    } finally {
      Reflect.deleteProperty(prototype, "added");
    }
  }
});

frames("toJSON() of an object is asked, and that of an array is not", () => {
  assert.equal(sent({ toJSON: () => [-0] }), [-0]);
  assert.equal(sent(Object.assign([1], { toJSON: () => 2 })), [1]);
  const { proxy } = Proxy.revocable(Object.create({ toJSON: () => 3 }), {});
  assert.is(sent(proxy), 3);
});

frames("what cannot be sent is refused by its name", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  // Not every runtime has such.
  const { Float16Array: Halves = Map } = globalThis as {
    Float16Array?: new () => object;
  };
  const halves = new Halves();
  const refused: [unknown, RegExp][] = [
    [() => 1, /Cannot send a function to or from a task$/],
    [Symbol("x"), /Cannot send a symbol to or from a task$/],
    [new Map(), /Cannot send a Map to or from a task$/],
    [{ deep: [1, new Set()] }, /Cannot send a Set .*, at deep\[1\]$/],
    [[[{ run() {} }]], /Cannot send a function .*, at \[0\]\[0\]\.run$/],
    [{ a: [new DataView(new ArrayBuffer(1))] }, /, at a\[0\]$/],
    [{ a: { toJSON: () => ({ b: new Set() }) } }, /, at a\.b$/],
    [Promise.resolve(), /Cannot send a Promise/],
    [new Error("x"), /Cannot send an Error/],
    [
      (function (..._all: unknown[]) {
        return arguments;
      })(1),
      /Cannot send an Arguments/,
    ],
    [new DataView(new ArrayBuffer(2)), /Cannot send a DataView/],
    [halves, /Cannot send a (Float16Array|Map)/],
    [circle, /it holds itself/],
  ];
  for (const [value, expected] of refused) {
    assert.throws(() => encodeFrame(KINDS.value, value), expected);
  }
  const twice = { x: 1 };
  assert.equal(sent([twice, twice]), [twice, twice]);
});

frames("a frame is written as processes of any version read it", () => {
  assert.equal(KINDS, {
    ...{ call: 1, before: 7, started: 2, value: 3, chunk: 4, end: 5, error: 6 },
  });
  const text = '[[2],{"a":{"$corn":["bytes",0,"Uint8Array"]}}]';
  const [first, second] = encodeFrame(KINDS.value, {
    a: new Uint8Array([8, 9]),
  });
  assert.equal([...first!.subarray(0, 9)], [
    ...[5 + text.length + 2, 0, 0, 0, 3, text.length, 0, 0, 0],
  ]);
  assert.is(new TextDecoder().decode(first!.subarray(9)), text);
  assert.equal([...second!], [8, 9]);
});

frames("what is no UTF-8 is refused", () => {
  const [bytes] = encodeFrame(KINDS.value, "abc");
  bytes![bytes!.indexOf(0x62)] = 0xff;
  assert.throws(() => new FrameReader().push(bytes!), /Cannot read a frame/);
});

frames("64 MiB pass, and one byte more does not", () => {
  const [{ length: around } = new Uint8Array()] = encodeFrame(
    KINDS.value,
    new Uint8Array(60_000_000),
  );
  const most = MAX_FRAME_BYTES - (around - 4);
  const pieces = encodeFrame(KINDS.value, new Uint8Array(most));
  const reader = new FrameReader();
  const [read] = pieces.flatMap((piece) => reader.push(piece));
  assert.is((read?.value as Uint8Array).length, most);
  assert.throws(
    () => encodeFrame(KINDS.value, new Uint8Array(most + 1)),
    /Cannot send 67108865 bytes to or from a task: a frame holds at most 67108864/,
  );
});

frames(
  "a length that cannot be is refused before anything is kept for it",
  () => {
    for (const size of [0, 4, MAX_FRAME_BYTES + 1, 2 ** 32 - 1]) {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, size, true);
      assert.throws(
        () => new FrameReader().push(length),
        new RegExp(`cannot be of ${size} bytes`),
      );
    }
  },
);

frames(
  "frames are read alike however they are cut, and damaged ones are refused",
  () => {
    const seed = anySeed();
    console.log(`\n# seed ${seed}`);
    const random = randomFrom(seed);
    const below = (most: number) => Math.floor(random() * most);
    const anyValue = (depth: number): unknown => {
      switch (below(depth > 3 ? 5 : 8)) {
        case 0:
          return below(1000);
        case 1:
          return "x".repeat(below(40));
        case 2:
          return Uint8Array.from({ length: below(300) }, () => below(256));
        case 3:
          return null;
        case 4:
          return BigInt(below(99));
        case 5:
          return { $corn: anyValue(depth + 1) };
        case 6:
          return Array.from({ length: below(4) }, () => anyValue(depth + 1));
        default:
          return { a: anyValue(depth + 1), b: anyValue(depth + 1) };
      }
    };
    const kinds = Object.values(KINDS);
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const values = Array.from({ length: 1 + below(3) }, () => anyValue(0));
      const bytes = joined(
        values.flatMap((value, at) => encodeFrame(kinds[at]!, value)),
      );
      const reader = new FrameReader();
      const read: Frame[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + below(80);
        read.push(...reader.push(bytes.subarray(at, end)));
        at = end;
      }
      assert.equal(read.map(({ value }) => value), values);
      assert.is(reader.begun, false);
      const damaged = bytes.slice();
      damaged[below(damaged.length)] = below(256);
      try {
        new FrameReader().push(damaged);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        refused++;
      }
    }
    assert.ok(refused > 0);
  },
);

frames.run();
