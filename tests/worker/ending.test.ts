import type { HookWorker, WorkerHooks } from "../../src/hooks/types.ts";
import { Ending } from "../../src/worker/ending.ts";
import type { EndOptions } from "../../src/worker/ending.ts";
import type { OwnHooks } from "../../src/worker/own-hooks.ts";
import * as assert from "../support/assert.ts";
import { FakeFarewell } from "../support/fake/farewell.ts";
import { FakeClock, settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const ending = suite("Ending");

/** An end, and what is done until the exit. */
function start(hooks: WorkerHooks = {}) {
  const clock = new FakeClock();
  const done: (string | number)[] = [];
  const errors: string[] = [];
  const farewell = new FakeFarewell();
  const worker = {
    log: { error: (text: string) => void errors.push(text.split("\n", 1)[0]!) },
  } as unknown as HookWorker;
  const subject = new Ending({
    clock,
    // A real one does not come back.
    exit: (code) => void (done.includes("exit") || done.push("exit", code)),
  });
  subject.useHooks({
    hooks,
    worker,
    limitMs: 0,
    async call(name) {
      if (hooks[name] === undefined) return undefined;
      done.push(name);
      await hooks[name]?.(worker);
      return { end: "done", value: undefined };
    },
  } as OwnHooks);
  return {
    ...{ clock, done, errors, farewell, subject },
    useApp: (onStop?: () => Promise<void> | void) =>
      subject.useApp(
        {
          ...onStop && {
            async onStop(given: HookWorker) {
              assert.is(given, worker);
              done.push("onStop");
              await onStop();
            },
          },
        },
        farewell,
      ),
    end: (options: Partial<EndOptions> = {}) =>
      subject.end({ code: 0, stop: true, ...options }),
  };
}

const nothing = () => {};

ending("without anything to call it exits at once", () => {
  const { done, end, subject, useApp } = start();
  useApp();
  assert.not(subject.begun);
  end({ code: 3, first: "workerInt" });
  assert.equal([done, subject.begun], [["exit", 3], true]);
});

ending(
  "hooks, the app and flushes have their turns, then it exits",
  async () => {
    const { done, end, subject, useApp } = start({
      workerInt: nothing,
      workerExit: nothing,
    });
    useApp(nothing);
    subject.useFlush(() => {
      done.push("flush");
      return Promise.resolve();
    });
    end({ first: "workerInt", code: 1 });
    assert.ok(subject.begun);
    await settle();
    assert.equal(done, [
      ...["workerInt", "onStop", "workerExit", "flush", "exit", 1],
    ]);
  },
);

ending("each of them alone is waited for", async () => {
  const sites = [start({ workerExit: nothing }), start(), start()];
  sites[1]?.useApp(nothing);
  sites[2]?.subject.useFlush(() => Promise.resolve());
  for (const { done, end } of sites) {
    end();
    assert.equal(done.includes("exit"), false);
    await settle();
    assert.equal(done.slice(-2), ["exit", 0]);
  }
});

ending("an end without a stop calls neither onStop nor handlers", async () => {
  const { done, end, useApp, farewell } = start({ workerExit: nothing });
  farewell.onSignal = () => {
    done.push("signal");
    return Promise.resolve(true);
  };
  useApp(nothing);
  end({ stop: false });
  await settle();
  assert.equal(done, ["workerExit", "exit", 0]);
  const plain = start();
  plain.farewell.onSignal = farewell.onSignal;
  plain.useApp(nothing);
  plain.end({ stop: false });
  assert.equal(plain.done, ["exit", 0]);
});

ending("a limit ends it, whatever it waits for", async () => {
  const never = () => new Promise<void>(() => {});
  const { clock, done, end, useApp, subject } = start();
  useApp(never);
  end({ withinMs: 700 });
  await settle();
  assert.is(subject.stage, "onStop and workerExit are done");
  clock.pass(699);
  assert.equal(done, ["onStop"]);
  clock.pass(1);
  assert.equal(done, ["onStop", "exit", 0]);
});

ending("a second end only shortens the first", async () => {
  const never = () => new Promise<void>(() => {});
  const { clock, done, end, useApp } = start();
  useApp(never);
  end();
  end({ code: 1 });
  await settle();
  clock.pass(10_000);
  assert.equal(done, ["onStop"]);
  end({ code: 1, withinMs: 300 });
  clock.pass(300);
  assert.equal(done, ["onStop", "exit", 1]);
});

ending("an onStop() that fails is told of, and ends nothing", async () => {
  const { done, end, useApp, errors } = start({ workerExit: nothing });
  useApp(() => Promise.reject(new Error("no disk")));
  end();
  await settle();
  assert.equal(done, ["onStop", "workerExit", "exit", 0]);
  assert.equal(errors, ["onStop() of the app failed"]);
});

ending("handlers of a signal are called last, with the signal", async () => {
  const { done, end, useApp, farewell, subject, clock } = start({
    workerExit: nothing,
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  farewell.onSignal = (signal) => {
    done.push(`signal ${signal}`);
    return promise;
  };
  useApp();
  end({ signal: "SIGINT" });
  await settle();
  assert.equal(done, ["workerExit", "signal SIGINT"]);
  assert.equal([subject.stage, subject.isLast], [
    "the app's signal handler is done",
    true,
  ]);
  clock.pass(10_000);
  resolve(true);
  await settle();
  assert.equal(done.slice(-2), ["exit", 0]);
});

ending("what beforeExit begins has two seconds", async () => {
  const { done, end, useApp, farewell, clock, subject } = start();
  farewell.onExit = () => {
    done.push("beforeExit");
    return Promise.resolve();
  };
  useApp();
  end();
  await settle();
  assert.equal(done, ["beforeExit"]);
  assert.not(subject.isLast);
  clock.pass(1999);
  await settle();
  assert.equal([done, farewell.awaited], [["beforeExit"], true]);
  clock.pass(1);
  await settle();
  assert.equal([done, farewell.awaited], [["beforeExit", "exit", 0], false]);
});

ending.run();
