import { Call } from "../../src/tasks/call.ts";
import type { CallEvents, CallRequest } from "../../src/tasks/call.ts";
import { TaskTimeoutError } from "../../src/tasks/errors.ts";
import type { CallOptions } from "../../src/tasks/types.ts";
import * as assert from "../support/assert.ts";
import { BEGINNING, FakeClock, settle } from "../support/fake/clock.ts";
import { sleep } from "../support/wait.ts";
import { suite } from "../support/suite.ts";

const calls = suite("Call");

const REQUEST = { pool: "images", task: "resize", args: [1] };

/** A call whose other side is the test. */
function start(options: CallOptions = {}) {
  const clock = new FakeClock();
  clock.pass(1000);
  const begun: CallRequest[] = [];
  const done: unknown[] = [];
  let events: CallEvents | undefined;
  const call = new Call(REQUEST, options, {
    clock,
    begin(request, given) {
      begun.push(request);
      events = given;
      return {
        flow: (on) => void done.push(on),
        cancel: (reason) => void done.push(reason),
      };
    },
  });
  return { call, clock, begun, done, events: events as CallEvents };
}

/** A signal, and how many listen to it. */
function listened() {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const { addEventListener: add, removeEventListener: remove } = signal;
  signal.addEventListener = (...all: Parameters<typeof add>) => {
    count++;
    add.apply(signal, all);
  };
  signal.removeEventListener = (...all: Parameters<typeof remove>) => {
    count--;
    remove.apply(signal, all);
  };
  return { controller, signal, count: () => count };
}

calls("is a promise in all that one does", async () => {
  const failure = new Error("no");
  const fulfilled = start();
  fulfilled.events.onValue(1);
  const { call } = fulfilled;
  let ran = 0;
  assert.is(await call, 1);
  assert.is(await call.then((value) => (value as number) + 1), 2);
  assert.is(await call.catch(() => 3), 1);
  assert.is(await call.finally(() => ran++), 1);
  const rejected = start();
  rejected.events.onError(failure);
  assert.is(await rejected.call.catch((error) => error), failure);
  assert.is(await rejected.call.then(undefined, () => 4), 4);
  const last = rejected.call.finally(() => ran++);
  assert.is(await last.catch((error) => error), failure);
  assert.is(ran, 2);
  assert.is(Object.prototype.toString.call(call), "[object Promise]");
});

calls("its end is the first that comes, and nothing listens on", async () => {
  const { signal, controller, count } = listened();
  const { call, clock, done, events } = start({ timeout: 500, signal });
  assert.is(count(), 1);
  events.onValue(1);
  events.onError(new Error("no"));
  clock.pass(1000);
  controller.abort();
  assert.is(await call, 1);
  assert.equal([count(), clock.due(), done], [0, [], []]);
});

calls("the caller's time is that of its clock", async () => {
  const within = start({ timeout: 500 });
  assert.equal(within.begun, [{ ...REQUEST, until: BEGINNING + 1500 }]);
  within.clock.pass(500);
  const error = await within.call.catch((error) => error);
  assert.instance(error, TaskTimeoutError);
  assert.equal(within.done, [error]);
  for (const timeout of [undefined, Infinity]) {
    const { begun, clock } = start(timeout === undefined ? {} : { timeout });
    assert.equal(begun, [{ ...REQUEST, until: undefined }]);
    assert.equal(clock.due(), []);
  }
  // No timer is set for longer: it would fire at once.
  const long = start({ timeout: 2 ** 31 });
  assert.equal(
    [long.clock.due(), long.begun[0]?.until],
    [[], BEGINNING + 2 ** 31 + 1000],
  );
  assert.is(start({ timeout: 2 ** 31 - 1 }).clock.due().length, 1);
});

calls("what was aborted before is not begun", async () => {
  const { call, begun } = start({ signal: AbortSignal.abort("enough") });
  assert.is(await call.catch((error) => error), "enough");
  assert.equal(begun, []);
});

calls("what cannot be sent rejects it", async () => {
  const why = new TypeError("Cannot send a Map");
  const call = new Call(REQUEST, { timeout: 500 }, {
    clock: new FakeClock(),
    begin() {
      throw why;
    },
  });
  assert.is(await call.catch((error) => error), why);
});

calls("an error that a loop takes is told once", async () => {
  const { call, events } = start();
  events.onError(new Error("no"));
  // A promise that rejects and that none awaits would end the program.
  const first = call[Symbol.asyncIterator]().next();
  assert.is(await first.catch(String), "Error: no");
  const { call: other, events: later } = start();
  const next = other[Symbol.asyncIterator]().next();
  later.onError(new Error("no"));
  assert.is(await next.catch(String), "Error: no");
  await settle();
});

calls("a loop has what came before an error, and asks for more", async () => {
  const { call, events, done } = start();
  for (let at = 0; at < 16; at++) events.onChunk(at);
  assert.equal(done, [false], "no more for now");
  events.onChunk(16);
  assert.equal(done, [false], "that is said once");
  const taken: unknown[] = [];
  try {
    for await (const one of call) {
      taken.push(one);
      if (one === 16) {
        assert.equal(done, [false, true]);
        events.onError(new Error("no"));
      }
    }
    assert.unreachable();
  } catch (error) {
    assert.is(String(error), "Error: no");
  }
  assert.equal(taken, Array.from({ length: 17 }, (_, at) => at));
  assert.is(done.length, 2, "it is over: nothing is given up");
});

calls("a loop that waits leaves the event loop to others", async () => {
  const { call, events } = start();
  const loop = call[Symbol.asyncIterator]();
  events.onChunk(1);
  assert.is((await loop.next()).value, 1);
  for (const part of [2, 3]) {
    const next = loop.next();
    await sleep(0);
    events.onChunk(part);
    assert.is((await next).value, part);
  }
  events.onEnd();
  assert.ok((await loop.next()).done);
});

calls("a loop that is left gives it up, with a reason", async () => {
  const { call, events, done } = start();
  events.onChunk(1);
  for await (const one of call) {
    assert.is(one, 1);
    break;
  }
  assert.equal(done.map(String), ["Error: Task images.resize was given up"]);
});

calls("a stream that is awaited is given up", async () => {
  const { call, events, done, clock } = start({ timeout: 500 });
  events.onChunk(1);
  // The awaited promise alone is rejected.
  const error = await call.catch((error) => error);
  await sleep(0);
  assert.match(String(error), "Cannot await task images.resize: it streams");
  assert.equal(done, [error]);
  assert.equal(clock.due(), []);
});

calls("what is over is asked for nothing", async () => {
  const { call, events, done } = start();
  for (let at = 0; at < 16; at++) events.onChunk(at);
  events.onEnd();
  const taken: unknown[] = [];
  for await (const one of call) taken.push(one);
  assert.equal([taken.length, done], [16, [false]]);
});

calls.run();
