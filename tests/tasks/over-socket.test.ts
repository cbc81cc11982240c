/** Calls of tasks over a pool's socket, whose other side is the test. */
import { createClient } from "../../src/tasks/client.ts";
import {
  TaskError,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "../../src/tasks/errors.ts";
import { encodeFrame, FrameReader, KINDS } from "../../src/tasks/frame.ts";
import type { Frame, FrameKind } from "../../src/tasks/frame.ts";
import { POOLS_VARIABLE } from "../../src/tasks/messages.ts";
import type { ConnectEvents } from "../../src/runtime/task-machine.ts";
import * as assert from "../support/assert.ts";
import { BEGINNING } from "../support/fake/clock.ts";
import { FakeClock, settle } from "../support/fake/runtime.ts";
import { FakeStream } from "../support/fake/stream.ts";
import { suite } from "../support/suite.ts";

const calls = suite("calls over a socket");

/** What the pool's clock is ahead of the caller's. */
const AHEAD = 5000;

/** A connection to a pool, whose other end is the test. */
class PoolStream extends FakeStream {
  readonly path: string;
  readonly events: ConnectEvents;
  readonly #reader = new FrameReader();
  readonly frames: Frame[] = [];
  held = true;

  constructor(path: string, events: ConnectEvents) {
    super();
    this.path = path;
    this.events = events;
  }

  override write(bytes: Uint8Array): void {
    this.frames.push(...this.#reader.push(bytes));
  }

  hold(on: boolean): void {
    this.held = on;
  }

  /** The pool says something. */
  say(kind: FrameKind, value: unknown): void {
    for (const piece of encodeFrame(kind, value)) this.events.onData(piece);
  }

  /** The task runs now, and how long it may. */
  begin(clock: FakeClock, ms = 0): void {
    this.say(KINDS.started, { ms, at: clock.monotonic() + AHEAD });
  }
}

interface Images {
  resize(...args: unknown[]): unknown;
  rows(): AsyncGenerator<number>;
}

function start(most = 8) {
  const clock = new FakeClock();
  const streams: PoolStream[] = [];
  const pool = createClient<Images>("images", {
    clock,
    env: (name) =>
      name === POOLS_VARIABLE
        ? JSON.stringify({ images: { path: "/run/images", most } })
        : undefined,
    connect(path, events) {
      const stream = new PoolStream(path, events);
      streams.push(stream);
      return stream;
    },
    findModule: () => Promise.reject(new Error("corn runs")),
  });
  return {
    clock,
    pool,
    streams,
    /** A connection that a call has left. */
    async kept(): Promise<PoolStream> {
      const call = pool.resize(0);
      const stream = streams.at(-1) as PoolStream;
      stream.begin(clock);
      stream.say(KINDS.value, "first");
      await call;
      return stream;
    },
  };
}

/** How a call ends. */
function outcome(call: PromiseLike<unknown>) {
  const seen: { value?: unknown; error?: Error } = {};
  call.then((value) => seen.value = value, (error) => seen.error = error);
  return seen;
}

const kindsOf = ({ frames }: PoolStream) => frames.map(({ kind }) => kind);

calls("a call is sent over a connection of its own", async () => {
  const { clock, pool, streams } = start();
  const call = pool.resize("a", 2);
  const [stream] = streams as [PoolStream];
  assert.is(stream.path, "/run/images");
  assert.equal(stream.frames, [
    { kind: KINDS.call, value: { task: "resize", args: ["a", 2] } },
  ]);
  stream.begin(clock);
  stream.say(KINDS.value, { done: true });
  assert.equal(await call, { done: true });
  assert.equal([stream.isCut, stream.held], [false, false]);
});

calls("what was kept carries the next call, if it begins soon", async () => {
  const { clock, pool, streams, kept } = start();
  const stream = await kept();
  clock.pass(200);
  const call = pool.resize(1);
  assert.is(streams.length, 1);
  assert.ok(stream.held, "it keeps the process alive");
  assert.equal(stream.frames.slice(1), [
    { kind: KINDS.before, value: { at: BEGINNING + 200 + AHEAD + 50 } },
    { kind: KINDS.call, value: { task: "resize", args: [1] } },
  ]);
  stream.begin(clock);
  clock.pass(60_000);
  stream.say(KINDS.value, "second");
  assert.is(await call, "second");
  assert.is(streams.length, 1);
});

calls(
  "a call that a kept connection does not begin goes to the queue",
  async () => {
    const { clock, pool, streams, kept } = start();
    const stream = await kept();
    const call = pool.resize(1);
    clock.pass(99);
    assert.equal([streams.length, stream.isCut], [1, false]);
    clock.pass(1);
    assert.equal([streams.length, stream.isCut], [2, true]);
    const other = streams[1] as PoolStream;
    assert.equal(kindsOf(other), [KINDS.call]);
    other.begin(clock);
    other.say(KINDS.value, "queued");
    assert.is(await call, "queued");
  },
);

calls(
  "a kept connection that is closed leaves its call to the queue",
  async () => {
    const { clock, pool, streams, kept } = start();
    const stream = await kept();
    const call = pool.resize(1);
    stream.events.onClose();
    assert.is(streams.length, 2);
    clock.pass(1000);
    assert.is(streams.length, 2, "once");
    streams[1]?.begin(clock);
    streams[1]?.say(KINDS.value, "queued");
    assert.is(await call, "queued");
  },
);

calls("nothing waits for a process while others wait", async () => {
  const { clock, pool, streams, kept } = start();
  await kept();
  outcome(pool.resize(1));
  outcome(pool.resize(2));
  assert.is(streams.length, 2, "the first may be blocked");
  clock.pass(0);
});

calls("a connection that closes or speaks unasked is not kept", async () => {
  for (
    const end of [
      (stream: PoolStream) => stream.events.onClose(),
      (stream: PoolStream) => stream.events.onEnd(),
      (stream: PoolStream) => stream.say(KINDS.value, 1),
    ]
  ) {
    const { pool, streams, kept } = start();
    const stream = await kept();
    end(stream);
    assert.ok(stream.isCut);
    outcome(pool.resize(1));
    assert.is(streams.length, 2);
    assert.is(stream.frames.length, 1);
  }
});

calls("a connection with the half of a frame is not kept", async () => {
  const { clock, pool, streams } = start();
  const call = pool.resize(0);
  const [stream] = streams as [PoolStream];
  stream.begin(clock);
  const [value = new Uint8Array()] = encodeFrame(KINDS.value, 1);
  const both = new Uint8Array([...value, 9]);
  stream.events.onData(both);
  assert.is(await call, 1);
  assert.ok(stream.isCut);
});

calls(
  "a call tells when its caller gives up, where that can be told",
  async () => {
    const { clock, pool, streams, kept } = start();
    outcome(pool.with({ timeout: 700 }).resize(0));
    const untilOf = (stream: PoolStream | undefined) =>
      (stream?.frames.at(-1)?.value as { until?: number }).until;
    assert.is(untilOf(streams[0]), undefined, "its clock is not known yet");
    streams[0]?.begin(clock);
    streams[0]?.say(KINDS.value, 1);
    await settle();
    clock.pass(300);
    await kept();
    outcome(pool.with({ timeout: 700 }).resize(0));
    assert.is(untilOf(streams.at(-1)), BEGINNING + 300 + 700 + AHEAD);
  },
);

calls("a call gives up in its time, and leaves the queue", async () => {
  const { clock, pool, streams } = start(1);
  const call = outcome(pool.with({ timeout: 700 }).resize(0));
  clock.pass(699);
  await settle();
  assert.equal([call.error, streams[0]?.isCut], [undefined, false]);
  clock.pass(1);
  await settle();
  assert.instance(call.error, TaskTimeoutError);
  assert.is(
    call.error?.message,
    "Task images.resize was not over within 0.7 s",
  );
  assert.ok(streams[0]?.isCut);
  outcome(pool.resize(1));
  assert.is(streams.length, 2, "its place is free");
});

calls("a call gives up by its signal, at any time", async () => {
  const { clock, pool, streams } = start();
  const controller = new AbortController();
  const { signal } = controller;
  const done = pool.with({ signal }).resize(0);
  streams[0]?.begin(clock);
  streams[0]?.say(KINDS.value, 1);
  await done;
  const call = outcome(pool.with({ signal }).resize(1));
  controller.abort(new Error("enough"));
  await settle();
  assert.is(call.error?.message, "enough");
  assert.ok(streams[0]?.isCut);
  const late = outcome(pool.with({ signal }).resize(2));
  await settle();
  assert.equal([late.error?.message, streams.length], ["enough", 1]);
});

calls("more calls than may wait are refused by the client", async () => {
  const { clock, pool, streams } = start(2);
  outcome(pool.resize(0));
  outcome(pool.resize(1));
  const third = outcome(pool.resize(2));
  await settle();
  assert.instance(third.error, TaskOverloadError);
  assert.is(streams.length, 2);
  streams[0]?.begin(clock);
  outcome(pool.resize(3));
  assert.is(streams.length, 3, "one waits no more");
});

calls("a full queue refuses what waits to connect as well", async () => {
  const { pool, streams, clock } = start(100);
  const all = Array.from({ length: 20 }, (_, at) => outcome(pool.resize(at)));
  assert.is(streams.length, 16, "so many a turn");
  streams[0]?.events.onFail("EAGAIN");
  await settle();
  const refused = all.map(({ error }) => error instanceof TaskOverloadError);
  assert.equal(refused, [
    true,
    ...Array(15).fill(false),
    ...Array(4).fill(true),
  ]);
  clock.pass(0);
  assert.is(streams.length, 16);
});

calls("connections beyond those of a turn are made in the next", () => {
  const { pool, streams, clock } = start(100);
  for (let at = 0; at < 40; at++) outcome(pool.resize(at));
  assert.is(streams.length, 16);
  clock.pass(0);
  assert.is(streams.length, 40);
  assert.equal(
    streams.map(({ frames: [frame] }) =>
      (frame?.value as { args: number[] }).args[0]
    ),
    Array.from({ length: 40 }, (_, at) => at),
    "in the order of asking",
  );
});

calls("a call that gives up before its turn is not sent", () => {
  const { pool, streams, clock } = start(100);
  const controller = new AbortController();
  const { signal } = controller;
  for (let at = 0; at < 16; at++) outcome(pool.resize(at));
  outcome(pool.with({ signal }).resize(16));
  controller.abort(new Error("enough"));
  clock.pass(10);
  assert.is(streams.length, 16);
});

calls(
  "a pool that cannot be reached, or a process that ends, is told",
  async () => {
    const { pool, streams, clock } = start();
    const gone = outcome(pool.resize(0));
    streams[0]?.events.onFail("ECONNREFUSED");
    const ended = outcome(pool.resize(1));
    streams[1]?.begin(clock);
    streams[1]?.events.onEnd();
    const strange = outcome(pool.resize(2));
    streams[2]?.events.onData(new Uint8Array(9));
    await settle();
    assert.equal([gone, ended, strange].map(({ error }) => error?.message), [
      "Task images.resize is lost: its pool cannot be reached (ECONNREFUSED)",
      "Task images.resize is lost: its process is gone",
      "Task images.resize is lost: what came of it is no frame (Cannot read a frame: it cannot be of 0 bytes)",
    ]);
    for (const { error } of [gone, ended, strange]) {
      assert.instance(error, TaskLostError);
    }
  },
);

calls("a task over its time is given up, though it cannot tell", async () => {
  const { pool, streams, clock } = start();
  const call = outcome(pool.resize(0));
  streams[0]?.begin(clock, 1000);
  clock.pass(1249);
  await settle();
  assert.is(call.error, undefined);
  clock.pass(1);
  await settle();
  assert.instance(call.error, TaskTimeoutError);
  assert.is((call.error as TaskTimeoutError).ms, 1000);
  assert.ok(streams[0]?.isCut);
});

calls("a task's own word that its time is over is taken", async () => {
  const { pool, streams, clock } = start();
  const call = outcome(pool.resize(0));
  streams[0]?.begin(clock, 1000);
  streams[0]?.say(KINDS.error, { kind: "timeout", ms: 1000 });
  await settle();
  assert.instance(call.error, TaskTimeoutError);
  assert.ok(streams[0]?.isCut, "its process ends it");
});

calls("what a task threw is told, and its connection kept", async () => {
  const { pool, streams, clock } = start();
  const call = outcome(pool.resize(0));
  streams[0]?.begin(clock, 1000);
  const error = { name: "RangeError", message: "too far", stack: "at x" };
  streams[0]?.say(KINDS.error, { kind: "thrown", error });
  await settle();
  assert.instance(call.error, TaskError);
  assert.is(
    call.error?.message,
    "Task images.resize failed: RangeError: too far",
  );
  assert.equal((call.error as TaskError).remote, error);
  clock.pass(5000);
  outcome(pool.resize(1));
  assert.equal([streams.length, streams[0]?.isCut], [1, false]);
});

calls("a stream waits for who takes its parts", async () => {
  const { pool, streams, clock } = start();
  const rows = pool.rows()[Symbol.asyncIterator]();
  const [stream] = streams as [PoolStream];
  stream.begin(clock);
  for (let at = 0; at < 15; at++) stream.say(KINDS.chunk, at);
  assert.not(stream.paused);
  for (let at = 15; at < 20; at++) stream.say(KINDS.chunk, at);
  assert.ok(stream.paused, "what was not taken is kept, and no more asked for");
  const taken: number[] = [];
  for (let at = 0; at < 19; at++) {
    taken.push((await rows.next()).value as number);
  }
  assert.ok(stream.paused);
  taken.push((await rows.next()).value as number);
  assert.not(stream.paused);
  assert.equal(taken, Array.from({ length: 20 }, (_, at) => at));
  stream.say(KINDS.end, null);
  assert.equal(await rows.next(), { done: true, value: undefined });
  assert.equal([stream.isCut, stream.held], [false, false], "it is kept");
});

calls("a stream that is left early is given up", async () => {
  const { pool, streams, clock } = start();
  pool.rows();
  const [stream] = streams as [PoolStream];
  stream.begin(clock);
  stream.say(KINDS.chunk, 1);
  const other = pool.rows();
  streams[1]?.begin(clock);
  streams[1]?.say(KINDS.chunk, 1);
  for await (const row of other) {
    assert.is(row, 1);
    break;
  }
  assert.equal([stream.isCut, streams[1]?.isCut], [false, true]);
});

calls("a value is no stream, and a stream no value", async () => {
  const { pool, streams, clock } = start();
  const streamed = outcome(pool.rows() as unknown as PromiseLike<unknown>);
  streams[0]?.begin(clock);
  streams[0]?.say(KINDS.chunk, 1);
  const rows = pool.resize(0) as unknown as AsyncIterable<unknown>;
  const next = outcome(rows[Symbol.asyncIterator]().next());
  streams[1]?.begin(clock);
  streams[1]?.say(KINDS.value, 1);
  await settle();
  assert.match(streamed.error?.message ?? "", "it streams, iterate over it");
  assert.match(next.error?.message ?? "", "it returns one value, await it");
});

calls.run();
