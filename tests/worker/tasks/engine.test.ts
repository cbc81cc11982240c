import { Inflight } from "../../../src/gateway/call/inflight.ts";
import type {
  Channel,
  ChannelEvents,
  TransportOptions,
} from "../../../src/runtime/transport.ts";
import { encodeFrame, FrameReader, KINDS } from "../../../src/tasks/frame.ts";
import type { Frame, FrameKind } from "../../../src/tasks/frame.ts";
import type { TaskContext } from "../../../src/tasks/types.ts";
import { createTaskEngine } from "../../../src/worker/tasks/engine.ts";
import * as assert from "../../support/assert.ts";
import { BEGINNING } from "../../support/fake/clock.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const engine = suite("engine of tasks");

const SOURCE = {
  kind: "descriptor",
  descriptor: 4,
  address: { kind: "unix", path: "/run/images" },
} as const;

/** A caller, which is the test. */
class Caller {
  readonly frames: Frame[] = [];
  readonly #reader = new FrameReader();
  events: ChannelEvents | undefined;
  /** False while it reads nothing. */
  reads = true;
  isCut = false;
  ended = false;

  readonly channel = {
    write: (_text: string, bytes: Uint8Array) => {
      this.frames.push(...this.#reader.push(bytes));
      return this.reads;
    },
    end: () => void (this.ended = true),
    cut: () => void (this.isCut = true),
  } as unknown as Channel;

  say(kind: FrameKind, value: unknown): void {
    for (const piece of encodeFrame(kind, value)) this.events?.onData(piece);
  }

  call(task: string, ...args: unknown[]): void {
    this.say(KINDS.call, { task, args });
  }

  kinds(): FrameKind[] {
    return this.frames.map(({ kind }) => kind);
  }

  /** What came last. */
  get last(): Frame | undefined {
    return this.frames.at(-1);
  }
}

/** A task engine whose socket is open, and a client that calls it. */
async function start({ timeoutMs = 0, maxTasks = 0 } = {}) {
  const runtime = new FakeRuntime();
  const { clock } = runtime;
  const inflight = new Inflight(() => clock.now());
  const happened: string[] = [];
  const held: { resolve(value: unknown): void; signal: AbortSignal }[] = [];
  const pulled: number[] = [];
  const module = {
    double: (one: number) => 2 * one,
    fail() {
      throw new RangeError("too far");
    },
    hold: ({ signal }: TaskContext) =>
      new Promise((resolve) => held.push({ resolve, signal })),
    *count(to: number) {
      for (let at = 0; at < to; at++) {
        pulled.push(at);
        yield at;
      }
    },
  };
  let options: TransportOptions | undefined;
  let accepts = true;
  let open = true;
  const transport = {
    ...await runtime.loadTransport(),
    listen: (_source: unknown, given: TransportOptions) => {
      options = given;
      return Promise.resolve({
        address: SOURCE.address,
        accept: (on: boolean) => {
          accepts = on;
          return true;
        },
        close: () => void (open = false),
      });
    },
  };
  const made = createTaskEngine({
    ...{ pool: "images", module, transport, clock, inflight },
    ...{ backlog: 7, timeoutMs, cancelMs: 500, maxTasks },
    onLimit: () => void happened.push("limit"),
    onBusy: () => void happened.push("busy"),
    onStuck: (task) => void happened.push(`stuck ${task}`),
  });
  assert.equal(await made.open(SOURCE), SOURCE.address);
  assert.equal([options?.backlog, options?.unixMode], [7, 0o600]);
  return {
    ...{ engine: made, clock, inflight, happened, held, pulled },
    accepts: () => accepts,
    open: () => open,
    connect(): Caller {
      const caller = new Caller();
      caller.events = options?.accept(caller.channel);
      return caller;
    },
  };
}

engine("a call has the worker for itself, and is answered", async () => {
  const { connect, accepts, clock, inflight, happened, held } = await start();
  clock.pass(70);
  const caller = connect();
  assert.not(accepts(), "others wait in the queue");
  caller.call("hold");
  assert.equal(caller.frames, [
    { kind: KINDS.started, value: { ms: 0, at: BEGINNING + 70 } },
  ]);
  assert.equal([inflight.open, inflight.requests, happened], [1, 1, ["busy"]]);
  clock.pass(5000);
  assert.not(accepts());
  held[0]?.resolve("done");
  await settle();
  assert.equal(caller.last, { kind: KINDS.value, value: "done" });
  assert.equal([inflight.open, accepts()], [0, true]);
  assert.equal([caller.ended, caller.isCut], [false, false], "it is kept");
});

engine("the caller of the last call may make the next", async () => {
  const { connect, clock, accepts } = await start();
  const caller = connect();
  caller.call("double", 2);
  await settle();
  caller.say(KINDS.before, { at: clock.monotonic() + 50 });
  clock.pass(49);
  caller.call("double", 3);
  assert.not(accepts());
  await settle();
  assert.equal(caller.last, { kind: KINDS.value, value: 6 });
  assert.ok(accepts());
});

engine("what it asks too late is left to others", async () => {
  const { connect, clock } = await start();
  const caller = connect();
  caller.call("double", 2);
  await settle();
  caller.say(KINDS.before, { at: clock.monotonic() + 50 });
  clock.pass(50);
  caller.call("double", 3);
  await settle();
  assert.ok(caller.isCut);
  assert.equal(caller.kinds(), [KINDS.started, KINDS.value]);
});

engine("a limit of time is that of one call", async () => {
  const { connect, clock } = await start();
  const caller = connect();
  caller.call("double", 2);
  await settle();
  caller.say(KINDS.before, { at: clock.monotonic() + 50 });
  caller.call("double", 3);
  await settle();
  clock.pass(5000);
  caller.call("double", 4);
  await settle();
  assert.equal(caller.last, { kind: KINDS.value, value: 8 });
});

engine("who comes next takes the place of the last caller", async () => {
  const { connect } = await start();
  const first = connect();
  first.call("double", 2);
  await settle();
  const second = connect();
  assert.ok(first.isCut);
  second.call("double", 3);
  await settle();
  assert.equal(second.last, { kind: KINDS.value, value: 6 });
});

engine("one that sends no call holds the worker for a second", async () => {
  const { connect, accepts, clock } = await start();
  const idle = connect();
  clock.pass(999);
  assert.not(accepts());
  clock.pass(1);
  assert.ok(accepts());
  idle.call("double", 2);
  await settle();
  assert.equal(idle.last, { kind: KINDS.value, value: 4 }, "it may yet");
});

engine("a call that comes while another runs waits for its turn", async () => {
  const { connect, clock, held } = await start();
  const idle = connect();
  clock.pass(1000);
  const caller = connect();
  caller.call("hold");
  idle.call("double", 2);
  await settle();
  assert.equal(idle.frames, []);
  held[0]?.resolve(1);
  await settle();
  assert.equal(idle.last, { kind: KINDS.value, value: 4 });
  assert.ok(caller.ended, "it is not kept while others wait");
});

engine("who has left or given up by its turn is passed over", async () => {
  const { connect, clock, held, inflight } = await start();
  const idle = [connect(), connect(), connect(), connect()];
  clock.pass(1000);
  const caller = connect();
  caller.call("hold");
  const [left, late, stuck, patient] = idle as [Caller, Caller, Caller, Caller];
  left.call("double", 1);
  left.events?.onClose();
  late.say(KINDS.call, { task: "double", args: [2], until: BEGINNING + 1500 });
  stuck.reads = false;
  stuck.call("double", 3);
  patient.say(KINDS.call, {
    task: "double",
    args: [4],
    until: BEGINNING + 2000,
  });
  clock.pass(501);
  held[0]?.resolve(1);
  await settle();
  assert.equal([left.frames, late.frames, late.isCut], [[], [], true]);
  assert.equal([stuck.kinds(), stuck.isCut], [[KINDS.started], true]);
  assert.equal(patient.last, { kind: KINDS.value, value: 8 });
  assert.is(inflight.requests, 2);
});

engine("what is no call ends its connection", async () => {
  const { connect, accepts } = await start();
  for (
    const say of [
      (caller: Caller) => caller.say(KINDS.value, 1),
      (caller: Caller) => caller.say(KINDS.before, { at: BEGINNING + 1000 }),
      (caller: Caller) => caller.events?.onData(new Uint8Array(9)),
      (caller: Caller) => caller.events?.onEnd(),
    ]
  ) {
    const caller = connect();
    say(caller);
    assert.equal([caller.isCut, accepts()], [true, true]);
    caller.call("double", 1);
    assert.equal(caller.frames, []);
  }
  const twice = connect();
  twice.call("hold");
  twice.call("double", 1);
  assert.ok(twice.isCut);
});

engine("what a task throws is told, and one that is not there", async () => {
  const { connect } = await start();
  const caller = connect();
  caller.call("fail");
  await settle();
  const { kind, error } = caller.last?.value as {
    kind: string;
    error: { name: string; message: string };
  };
  assert.equal([caller.last?.kind, kind], [KINDS.error, "thrown"]);
  assert.equal([error.name, error.message], ["RangeError", "too far"]);
  caller.call("shrink");
  await settle();
  assert.match(
    JSON.stringify(caller.last?.value),
    'there is no task \\"shrink\\", only double, fail, hold, count',
  );
  assert.not(caller.isCut);
});

engine("a task over its time is told so, and its signal aborted", async () => {
  const { connect, clock, held, happened, accepts } = await start({
    timeoutMs: 1000,
  });
  const caller = connect();
  caller.call("hold");
  clock.pass(999);
  assert.not(held[0]?.signal.aborted);
  clock.pass(1);
  assert.ok(held[0]?.signal.aborted);
  assert.match(
    String(held[0]?.signal.reason),
    "Task images.hold was not over within 1 s",
  );
  assert.equal(caller.last, {
    kind: KINDS.error,
    value: { kind: "timeout", ms: 1000 },
  });
  clock.pass(499);
  assert.not(accepts());
  held[0]?.resolve(1);
  await settle();
  assert.is(caller.last?.kind, KINDS.error, "its value comes too late");
  clock.pass(5000);
  assert.equal(happened, ["busy"]);
  assert.equal([caller.ended, accepts()], [true, true]);
});

engine("a task in time is left alone", async () => {
  const { connect, clock, happened } = await start({ timeoutMs: 1000 });
  const caller = connect();
  caller.call("double", 2);
  await settle();
  clock.pass(5000);
  assert.equal(caller.kinds(), [KINDS.started, KINDS.value]);
  caller.events?.onClose();
  clock.pass(5000);
  assert.equal(happened, ["busy"]);
});

engine("a task that does not heed its signal is told of", async () => {
  const { connect, clock, held, happened } = await start();
  const caller = connect();
  caller.call("hold");
  caller.events?.onClose();
  assert.is(String(held[0]?.signal.reason), "Error: The caller has left");
  clock.pass(499);
  assert.equal(happened, ["busy"]);
  clock.pass(1);
  assert.equal(happened, ["busy", "stuck hold"]);
});

engine("the last call of a worker is told once", async () => {
  const { connect, happened, inflight } = await start({ maxTasks: 2 });
  const caller = connect();
  for (let at = 1; at <= 3; at++) {
    caller.call("double", at);
    await settle();
  }
  assert.equal(happened, ["busy", "busy", "limit", "busy"]);
  assert.is(inflight.requests, 3);
});

engine("a stream waits for its caller", async () => {
  const { connect, pulled } = await start();
  const caller = connect();
  caller.call("count", 3);
  caller.reads = false;
  await settle();
  assert.equal(pulled, [0], "it yields no more than is taken");
  caller.events?.onDrain();
  await settle();
  assert.equal(pulled, [0, 1]);
  caller.reads = true;
  caller.events?.onDrain();
  await settle();
  assert.equal(caller.frames.slice(1), [
    ...[0, 1, 2].map((value) => ({ kind: KINDS.chunk, value })),
    { kind: KINDS.end, value: null },
  ]);
});

engine("a stream whose caller leaves is ended", async () => {
  const { connect, pulled, inflight, accepts } = await start();
  const caller = connect();
  caller.call("count", 3);
  caller.reads = false;
  await settle();
  caller.events?.onClose();
  await settle();
  assert.equal([pulled, inflight.open, accepts()], [[0], 0, true]);
});

engine("a drain ends with the call that runs", async () => {
  const { engine, connect, held, open } = await start();
  const caller = connect();
  caller.call("hold");
  let closed = 0;
  let drained = false;
  void engine.drain(() => closed++).then(() => drained = true);
  assert.equal([open(), closed], [false, 1]);
  await settle();
  assert.not(drained);
  held[0]?.resolve("done");
  await settle();
  assert.equal(caller.last, { kind: KINDS.value, value: "done" });
  assert.ok(caller.ended, "it is kept no longer");
  assert.not(drained, "what was written is on its way");
  caller.events?.onClose();
  await settle();
  assert.ok(drained);
});

engine("a drain without a call is over at once", async () => {
  const { engine, connect } = await start();
  const caller = connect();
  caller.call("double", 1);
  await settle();
  let drained = false;
  void engine.drain().then(() => drained = true);
  await settle();
  assert.equal([caller.isCut, drained], [true, true]);
});

engine("close() cuts all", async () => {
  const { engine, connect, open } = await start();
  const callers = [connect(), connect()];
  callers[0]?.call("hold");
  engine.close();
  assert.equal(callers.map(({ isCut }) => isCut), [true, true]);
  assert.not(open());
});

engine("a queue is left to others, and taken again", async () => {
  const { engine, accepts } = await start();
  assert.ok(engine.release?.(4));
  assert.not(accepts());
  assert.equal(await engine.open(SOURCE), SOURCE.address);
  assert.ok(accepts());
  assert.not(engine.release?.(5));
});

engine.run();
