import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { DURATION_BUCKETS } from "../../src/exchange/durations.ts";
import {
  readSuccessorMessage,
  readSums,
} from "../../src/protocol/arbiter-checks.ts";
import { readLook } from "../../src/protocol/look.ts";
import {
  nameStranger,
  readWorkerMessage,
} from "../../src/protocol/message-checks.ts";
import type {
  FiguresMessage,
  HelloMessage,
  RequestsMessage,
  WorkerMessage,
} from "../../src/protocol/messages.ts";
import { startLimit } from "../../src/protocol/waits.ts";
import type { BucketExemplar } from "../../src/telemetry/exemplars.ts";
import { anySeed, randomFrom } from "../support/random.ts";

const checks = suite("message checks");

const GOOD: readonly WorkerMessage[] = [
  { type: "hello", runtime: "node", version: "24.0.0", corn: "1.2.3" },
  {
    type: "ready",
    engine: "wire",
    addresses: [
      { kind: "tcp", host: "::1", port: 80 },
      { kind: "unix", path: "@corn" },
    ],
  },
  { type: "failed", kind: "app", message: "Cannot load", stack: "" },
  {
    type: "beat",
    requests: 3,
    open: 1,
    busy: true,
    blockedMs: 1400,
    look: "{}",
  },
  {
    type: "recycle",
    kind: "max_requests",
    reason: "1000 requests",
    failure: false,
    now: true,
  },
  { type: "closed" },
  { type: "rekeyed", id: 3 },
  { type: "watching" },
  { type: "metrics", id: 3, text: "x 1" },
  { type: "recorded", id: 3, error: "no room" },
  {
    type: "debugger",
    url: "ws://127.0.0.1:34003/744bf169-5551-4078-91fb-5898e4c94437",
  },
  {
    type: "figures",
    requests: 3,
    open: 1,
    queued: 0,
    cpuMs: 1.5,
    busyMs: 1.25,
    rss: 1000,
    heapUsed: 500,
    lagMs: 0.5,
    ended: [{
      ...{ method: "GET", status: 200, sumMs: 1.5, counts: [1, 0] },
      exemplars: [[1, { traceId: "ab".repeat(16), ms: 12.5 }]],
    }],
    sockets: { open: 3, opened: 2, closed: { "1012": 1, app: 1 } },
    refused: [["queue", 503, 2]],
    seen: {
      durations: [[80, 2]],
      failed: 1,
      oldest: [{ method: "GET", path: "/", ms: 12.5, thread: 2 }],
      threads: [
        { thread: 1, state: "turning", requests: 3, open: 0, lagMs: 2 },
        { thread: 2, state: "blocked", requests: 1, open: 1, lagMs: 900 },
      ],
    },
  },
  {
    type: "requests",
    id: 3,
    requests: [
      { method: "GET", path: "/", ms: 12.5, client: "::1" },
      { method: "GET", path: "/", ms: 0 },
    ],
  },
  { type: "log", level: "error", text: "Oh no", exception: true },
  { type: "access", text: "GET /\n" },
];

const ENDED = { method: "GET", status: 200, sumMs: 1.5, counts: [1, 0] };

const OPEN = { method: "GET", path: "/", ms: 1 };
const THREAD = { thread: 1, state: "ended", requests: 0, open: 0, lagMs: 0 };
const SEEN = { durations: [], failed: 0, oldest: [] };

/** Figures that are right apart from what is given. */
const figures = (given: object) => ({
  ...GOOD.find(({ type }) => type === "figures"),
  ...given,
});

checks("each message is read as it was sent, and no field more", () => {
  for (const message of GOOD) {
    const more = { ...message, pid: 1, __proto__: { level: "error" } };
    assert.equal(readWorkerMessage(more), message);
  }
  assert.equal(readSuccessorMessage({ type: "serving", pid: 1 }), {
    type: "serving",
  });
});

checks("of a request no more is kept than a person can read", () => {
  const long = { method: "M".repeat(99), path: "/".repeat(9999), ms: 1, x: 1 };
  assert.equal(
    readWorkerMessage({ type: "requests", id: 1, requests: [long] }),
    {
      type: "requests",
      id: 1,
      requests: [{ method: "M".repeat(24), path: "/".repeat(1024), ms: 1 }],
    },
  );
});

checks("what need not be told is left out", () => {
  const least = {
    ...{ type: "figures", requests: 0, open: 0, queued: 0, cpuMs: 0, rss: 0 },
    ...{ heapUsed: 0, lagMs: 0, ended: [] },
  };
  assert.equal(readWorkerMessage(least), least);
  assert.equal(readWorkerMessage({ ...least, seen: SEEN }), {
    ...{ ...least, seen: SEEN },
  });
  assert.equal(
    readWorkerMessage({
      type: "beat",
      ...{ requests: 0, open: 0, busy: false },
    }),
    {
      ...{ type: "beat", requests: 0, open: 0, busy: false },
      ...{ blockedMs: 0, look: "" },
    },
  );
  const [hello] = GOOD;
  const { corn: _, ...older } = hello as HelloMessage;
  assert.equal(readWorkerMessage(older), { ...older, corn: "" });
  const reason = { reason: "a", failure: true };
  const recycle = { type: "recycle", kind: "max_requests", ...reason };
  assert.equal(readWorkerMessage(recycle), { ...recycle, now: false });
  assert.equal(readWorkerMessage({ type: "log", level: "info", text: "" }), {
    ...{ type: "log", level: "info", text: "", exception: false },
  });
  assert.equal(readWorkerMessage({ type: "recorded", id: 1 }), {
    ...{ type: "recorded", id: 1, error: "" },
  });
});

checks(
  "a WebSocket's end has a code of the protocol's, or is the app's",
  () => {
    const closed = { "1000": 1, "1999": 2, app: 3, "999": 4, "2000": 5, x: 6 };
    const message = readWorkerMessage(
      figures({ sockets: { open: 0, opened: 0, closed } }),
    ) as FiguresMessage;
    assert.equal(message.sockets?.closed, { "1000": 1, "1999": 2, app: 3 });
  },
);

const requests = (given: object) => ({
  ...{ type: "requests", id: 1, requests: [], ...given },
});

checks("what blocked threads do is read with their requests", () => {
  const by = { ...OPEN, thread: 7 };
  const thread = { thread: 7, ms: 900.5, by, frames: ["render (a.ts:1)"] };
  const message = requests({
    requests: [{ ...OPEN, running: true }, { ...OPEN, thread: 1024 }],
    blocked: [
      thread,
      { thread: 1, ms: 0 },
    ],
  });
  assert.equal(readWorkerMessage(message), message);
  const long = { ...by, path: "/".repeat(9999), more: 1 };
  const frames = Array(17).fill("a\x1b[2J");
  const { blocked: [kept] = [] } = readWorkerMessage(requests({
    blocked: [{ ...thread, by: long, frames, more: 1 }],
  })) as RequestsMessage;
  assert.equal(kept, {
    ...{ thread: 7, ms: 900.5, by: { ...by, path: "/".repeat(1024) } },
    frames: Array(16).fill("a?[2J"),
  });
  for (
    const bad of [
      ...[null, {}, { ...thread, thread: 0 }, { ...thread, thread: 1025 }],
      ...[{ ...thread, ms: -1 }, { ...thread, by: null }],
      ...[{ ...thread, by: { ...by, thread: 1.5 } }, {
        ...thread,
        frames: "a",
      }],
      { ...thread, frames: [1] },
    ]
  ) {
    const value = requests({ blocked: [thread, bad] });
    assert.is(readWorkerMessage(value), undefined, JSON.stringify(bad));
  }
  for (const running of [false, null, 1]) {
    const value = requests({ requests: [{ ...OPEN, running }] });
    assert.is(readWorkerMessage(value), undefined, String(running));
  }
});

checks("there may be so many of each, and no more", () => {
  const trace: BucketExemplar = [0, { traceId: "ab".repeat(16), ms: 1 }];
  const ended = (given: object) => figures({ ended: [{ ...ENDED, ...given }] });
  const seen = (given: object) => figures({ seen: { ...SEEN, ...given } });
  const thread = (number: number) =>
    seen({ threads: [{ ...THREAD, thread: number }] });
  const cases: readonly [
    make: (count: number) => object,
    least: number,
    most: number,
  ][] = [
    [(count) => ended({ counts: Array(count).fill(1) }), 0, 101],
    [(count) => ended({ exemplars: Array(count).fill(trace) }), 0, 2],
    [(status) => ended({ status }), 100, 999],
    [(status) => figures({ refused: [["queue", status, 1]] }), 400, 599],
    [(at) => seen({ durations: [[at, 1]] }), 0, DURATION_BUCKETS - 1],
    [
      (count) => seen({ durations: Array(count).fill([0, 1]) }),
      ...[0, DURATION_BUCKETS],
    ] as const,
    [(count) => seen({ oldest: Array(count).fill(OPEN) }), 0, 3],
    [(count) => seen({ threads: Array(count).fill(THREAD) }), 0, 1024],
    [thread, 1, 1024],
    [(count) => requests({ requests: Array(count).fill(OPEN) }), 0, 64],
    [
      (count) => requests({ blocked: Array(count).fill({ thread: 1, ms: 0 }) }),
      ...[0, 1024],
    ] as const,
  ];
  for (const [make, least, most] of cases) {
    for (const count of [least, most]) {
      const message = readWorkerMessage(make(count));
      assert.ok(message !== undefined, `${make}: ${count}`);
    }
    for (const count of [least - 1, most + 1].filter((count) => count >= 0)) {
      const message = readWorkerMessage(make(count));
      assert.ok(message === undefined, `${make}: ${count}`);
    }
  }
});

checks("nameStranger() tells so much of a type as a line holds", () => {
  const cases: readonly (readonly [value: unknown, name: string])[] = [
    [undefined, "a line that is no JSON"],
    ...[null, 7, [], {}, { type: 7 }].map((value) =>
      [value, "a value without a type"] as const
    ),
    [{ type: "a\x1b" }, 'a message of type "a\\u001b"'],
    [{ type: "x".repeat(40) }, `a message of type "${"x".repeat(40)}"`],
    [{ type: "x".repeat(41) }, `a message of type "${"x".repeat(40)}..."`],
  ];
  for (const [value, name] of cases) assert.is(nameStranger(value), name);
});

checks("what another arbiter has counted is read, or it is none", () => {
  const record = {
    ...{ bucketsMs: [1, 2.5], requests: [ENDED], arbiterCpuMs: 1.5, app: "a" },
    slots: [[1, { requests: 3, cpuMs: 1.5, restarts: 0 }]],
    ...{ exits: { clean: 1 }, reloads: { ok: 1 }, logLines: {} },
  };
  const read = (given: object) =>
    readSuccessorMessage({ type: "sums", record: { ...record, ...given } });
  const later = { socketsOpened: 1, socketsClosed: { app: 1 }, refused: {} };
  for (const more of [{}, later, { bucketsMs: Array(100).fill(1) }]) {
    assert.equal(read(more), { type: "sums", record: { ...record, ...more } });
  }
  const [[, sums] = []] = record.slots;
  const bad: readonly object[] = [
    ...[{ bucketsMs: Array(101).fill(1) }, { bucketsMs: ["1"] }],
    ...[{ requests: [{}] }, { requests: null }, { slots: null }],
    ...[{ slots: [1] }, { slots: [[1]] }, { slots: [[1, sums, 1]] }],
    ...[{ slots: [["1", sums]] }, { slots: [[1, null]] }],
    ...["requests", "cpuMs", "restarts"].map((name) => ({
      slots: [[1, { ...sums as object, [name]: -1 }]],
    })),
    ...["exits", "reloads", "logLines", "socketsClosed", "refused"].flatMap(
      (name) => [{ [name]: null }, { [name]: { a: -1 } }],
    ),
    ...[{ socketsOpened: -1 }, { arbiterCpuMs: -1 }, { app: 7 }],
  ];
  for (const one of bad) {
    assert.is(read(one), undefined, JSON.stringify(one));
  }
  for (const value of [{ type: "sums" }, { type: "sums", record: 1 }, 1]) {
    assert.is(readSuccessorMessage(value), undefined);
  }
  assert.is(readSums({ type: "serving", record }), undefined);
});

checks("readLook() takes an answer of so many characters", () => {
  const by = { method: "GET", path: "/", ms: 5 };
  const look = { begun: 1, by, frames: ["render (a.ts:1)"] };
  assert.equal(readLook(JSON.stringify(look)), look);
  assert.is(readLook(JSON.stringify({ ...look, begun: "1" })), undefined);
  const text = (more: number) =>
    JSON.stringify({ begun: 1, frames: ["x".repeat(more)] });
  const most = 16_384 - text(0).length;
  assert.is(readLook(text(most))?.frames[0]?.length, most);
  assert.is(readLook(text(most + 1)), undefined);
});

checks("startLimit() leaves an arbiter time beyond its workers' boot", () => {
  assert.is(startLimit(30_000), 40_000);
});

checks("what is no message in every field is none", () => {
  const bad: readonly unknown[] = [
    undefined,
    null,
    "log",
    [],
    ["log"],
    {},
    { type: "log" },
    { type: "debugger", url: "ws://10.0.0.1:80/744bf169-5551-4078-91fb" },
    { type: "debugger", url: "ws://127.0.0.1:80@x/744bf169-5551-4078-91fb" },
    { type: ["log"] },
    { type: "toString" },
    { type: "__proto__" },
    { type: "constructor" },
    { type: "log", level: "fatal", text: "" },
    { type: "log", level: "info", text: 7 },
    { type: "beat", requests: 1, open: [null], busy: false },
    { type: "beat", requests: -1, open: 0, busy: false },
    { type: "beat", requests: 1.5, open: 0, busy: false },
    { type: "beat", requests: 1, open: 0, busy: null },
    { type: "beat", requests: 1, open: 0, busy: true, blockedMs: "1" },
    { type: "failed", kind: "else", message: "", stack: "" },
    { type: "ready", engine: "wire", addresses: [{ kind: "tcp" }] },
    { cmd: "NODE_HANDLE_ACK" },
    figures({ cpuMs: -1 }),
    figures({ rss: 1.5 }),
    figures({ busyMs: null }),
    figures({ ended: [{ ...ENDED, method: "BREW" }] }),
    figures({ ended: [{ ...ENDED, status: 99 }] }),
    figures({ ended: [{ ...ENDED, status: 200.5 }] }),
    figures({ ended: [{ ...ENDED, sumMs: null }] }),
    figures({ ended: [{ ...ENDED, counts: Array(200).fill(0) }] }),
    figures({ sockets: null }),
    figures({ sockets: { open: -1, opened: 0, closed: {} } }),
    figures({ sockets: { open: 1, opened: 1, closed: { "1012": "x" } } }),
    figures({ refused: [["else", 503, 2]] }),
    figures({ refused: [["queue", 200, 2]] }),
    figures({ refused: [["queue", 503]] }),
    figures({ ended: [{ ...ENDED, exemplars: [[0, { traceId: "x" }]] }] }),
    figures({ seen: null }),
    figures({ seen: { ...SEEN, durations: [[80]] } }),
    figures({ seen: { ...SEEN, durations: [[80, -1]] } }),
    figures({ seen: { ...SEEN, durations: [[1e6, 1]] } }),
    figures({ seen: { ...SEEN, durations: Array(500).fill([1, 1]) } }),
    figures({ seen: { ...SEEN, failed: -1 } }),
    figures({ seen: { ...SEEN, oldest: Array(9).fill(OPEN) } }),
    figures({ seen: { ...SEEN, oldest: [{ ...OPEN, thread: 0 }] } }),
    figures({ seen: { ...SEEN, threads: [{ ...THREAD, state: "x" }] } }),
    figures({ seen: { ...SEEN, threads: [{ ...THREAD, lagMs: -1 }] } }),
    figures({ seen: { ...SEEN, threads: Array(1025).fill(THREAD) } }),
    { type: "requests", id: 1, requests: [{ ...OPEN, ms: -1 }] },
    { type: "requests", id: 1, requests: [{ ...OPEN, client: 7 }] },
    { type: "requests", id: 1, requests: Array(65).fill(OPEN) },
  ];
  for (const value of bad) {
    assert.is(readWorkerMessage(value), undefined, JSON.stringify(value));
    assert.is(readSuccessorMessage(value), undefined);
  }
});

/** What JSON can hold and no field of a message is likely to be. */
const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  "\u0000\u001b[2J\ud800",
  "x".repeat(5000),
  [],
  [null],
  {},
  { length: 3, 0: "a" },
  JSON.parse('{"__proto__":{"type":"log"},"constructor":1}'),
  JSON.parse("[".repeat(500) + "]".repeat(500)),
];

checks("a changed message is none, or one that holds what it should", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const pick = <Item>(items: readonly Item[]) =>
    items[Math.floor(random() * items.length)] as Item;
  let read = 0;
  for (let round = 0; round < 6000; round++) {
    let value: unknown = structuredClone(pick(GOOD));
    for (let count = Math.floor(random() * 3); count >= 0; count--) {
      let at = value as Record<string, unknown>;
      // Down to some depth, then something else in the place.
      while (true) {
        const inner = Object.values(at).filter((one) =>
          typeof one === "object" && one !== null
        );
        if (inner.length === 0 || random() < 0.5) break;
        at = pick(inner) as Record<string, unknown>;
      }
      const keys = [...Object.keys(at), "type", "text", "extra"];
      if (random() < 0.2) delete at[pick(keys)];
      else at[pick(keys)] = structuredClone(pick(ODD));
    }
    if (random() < 0.05) value = structuredClone(pick(ODD));
    const message = readWorkerMessage(JSON.parse(JSON.stringify(value)));
    if (message === undefined) {
      assert.match(nameStranger(value), /^[\x20-\x7e]{1,300}$/);
      continue;
    }
    read++;
    const wrong = faultOf(message);
    assert.is(wrong, undefined, `seed ${seed}: ${wrong}`);
  }
  assert.ok(read > 200);
});

/** What is wrong with a message, by another hand than the checks'. */
function faultOf(message: WorkerMessage): string | undefined {
  const model = GOOD.find(({ type }) => type === message.type);
  if (model === undefined) return `type ${message.type}`;
  const names = Object.keys(model).filter((name) =>
    !["busyMs", "refused", "sockets", "seen"].includes(name) || name in message
  ).sort();
  if (Object.keys(message).sort().join() !== names.join()) return "fields";
  for (const [name, value] of Object.entries(message)) {
    const like = (model as unknown as Record<string, unknown>)[name];
    if (typeof value !== typeof like) return name;
    if (Array.isArray(like) !== Array.isArray(value)) return name;
    if (typeof value === "number" && !(value >= 0)) return name;
  }
  if (message.type === "ready") {
    for (const address of message.addresses) {
      const wanted = address.kind === "tcp" ? address.host : address.path;
      if (typeof wanted !== "string") return "addresses";
    }
  }
  return undefined;
}

checks.run();
