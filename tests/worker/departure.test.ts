import type {
  FailedMessage,
  LogMessage,
  RecycleMessage,
} from "../../src/protocol/messages.ts";
import { AppError } from "../../src/base/errors.ts";
import { Departure } from "../../src/worker/departure.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import * as assert from "../support/assert.ts";
import { FakeLink, FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const departing = suite("Departure");

/** A worker in some state, and what it does of itself. */
function start(
  given: { ready?: boolean; draining?: boolean; ending?: boolean } = {},
) {
  const state = { ready: true, draining: false, ending: false, ...given };
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const done: unknown[] = [];
  const departure = new Departure(createHost(runtime, link), {
    isReady: () => state.ready,
    isDraining: () => state.draining,
    isEnding: () => state.ending,
    end: () => void done.push("end"),
    fail: (error) => void done.push(error),
  });
  return {
    ...{ state, departure, done, clock: runtime.clock },
    asked: () => link.of<RecycleMessage>("recycle"),
    lines: () =>
      link.of<LogMessage>("log").map(({ level, text }) => `${level} ${text}`),
    failed: () => link.of<FailedMessage>("failed"),
  };
}

departing("ask() asks once, and says whether it is a failure", () => {
  const { departure, asked } = start();
  departure.ask("lifetime", "an hour");
  departure.ask("error", "an error");
  assert.equal(asked(), [
    { type: "recycle", kind: "lifetime", reason: "an hour", failure: false },
  ]);
  const other = start();
  other.departure.ask("error", "an error");
  assert.is(other.asked()[0]?.failure, true);
});

departing("ask() ends a worker that serves nothing yet", () => {
  const { departure, asked, done } = start({ ready: false });
  departure.ask("signal", "SIGTERM");
  assert.equal([asked(), done], [[], ["end"]]);
});

departing("askNow() asks again, for what cannot wait", () => {
  const { departure, asked } = start();
  departure.ask("lifetime", "an hour");
  departure.askNow("memory", "a hard limit");
  assert.equal(asked().at(-1), {
    ...{ type: "recycle", kind: "memory", reason: "a hard limit" },
    ...{ failure: true, now: true },
  });
  departure.ask("lifetime", "an hour");
  assert.is(asked().length, 2);
  const fresh = start();
  fresh.departure.askNow("memory", "a hard limit");
  fresh.departure.ask("lifetime", "an hour");
  assert.is(fresh.asked().length, 1, "it is asked already");
  const draining = start({ draining: true });
  draining.departure.askNow("memory", "a hard limit");
  assert.equal(draining.asked(), []);
});

departing("askSoon() leaves the arbiter its time to speak first", () => {
  const { departure, asked, clock } = start();
  departure.askSoon("SIGTERM");
  clock.pass(499);
  assert.equal(asked(), []);
  clock.pass(1);
  assert.is(asked()[0]?.kind, "signal");
  for (const meanwhile of [{ draining: true }, { ending: true }]) {
    const told = start();
    told.departure.askSoon("SIGTERM");
    Object.assign(told.state, meanwhile);
    told.clock.pass(500);
    assert.equal([told.asked(), told.done], [[], []]);
  }
});

departing("a server that has ended by itself is told of", () => {
  const { departure, asked, lines } = start();
  departure.serverEnded("The app has closed its server");
  assert.equal(lines(), [
    "error The app has closed its server, though nobody asked for that",
  ]);
  assert.equal([asked()[0]?.reason, asked()[0]?.now], [
    "the end of its server",
    true,
  ]);
  const booting = start({ ready: false });
  booting.departure.serverEnded("The app has closed its server");
  assert.is(String(booting.done[0]), "Error: The app has closed its server");
  for (const state of [{ draining: true }, { ending: true }]) {
    const going = start(state);
    going.departure.serverEnded("The app has closed its server");
    assert.equal([going.lines(), going.asked(), going.done], [[], [], []]);
  }
});

departing("an error while the app loads is the app's failure", () => {
  const { departure, done, asked } = start({ ready: false });
  const cause = new Error("boom");
  departure.uncaught(cause);
  const [error] = done as [AppError];
  assert.instance(error, AppError);
  assert.equal([error.message, error.cause], [
    "Cannot load app: it threw",
    cause,
  ]);
  assert.equal(asked(), []);
});

departing("what gave up by intent costs no worker", () => {
  const { departure, asked, lines } = start();
  departure.uncaught(new DOMException("given up", "AbortError"));
  assert.equal(asked(), []);
  assert.match(lines()[0] ?? "", /^warning Uncaught .*given up$/);
});

departing.run();
