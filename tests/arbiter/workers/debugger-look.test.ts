import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { FakeDebugger } from "../../support/fake/debugger.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { lookByDebugger } from "../../../src/arbiter/workers/debugger-look.ts";
import { LOOK_EXPRESSION } from "../../../src/protocol/look.ts";
import type { Look } from "../../../src/protocol/look.ts";

const look = suite("lookByDebugger()");

/** What a worker says of itself. */
function sayOf(begun: number, path: string, frame = "spin (a.ts:1)"): string {
  const by = { method: "GET", path, ms: 1 };
  return JSON.stringify({ begun, by, frames: [frame] });
}

/** A look at a worker whose debugger evaluates these one after the other. */
function start(values: readonly unknown[] = []) {
  const runtime = new FakeRuntime();
  const worker = new FakeDebugger(values);
  runtime.converse = worker.converse;
  const outcome = { now: "pending" as Look | undefined | string };
  lookByDebugger("ws://127.0.0.1:1", runtime).then(
    (seen) => void (outcome.now = seen),
    (error) => void (outcome.now = String(error)),
  );
  return Object.assign(worker, { runtime, outcome });
}

const ONE = ["pause", "evaluate", "resume"];

look("a worker is stopped twice, asked, and goes on", async () => {
  const site = start([
    sayOf(7, "/report", "one (a.ts:1)"),
    sayOf(7, "/report", "two (a.ts:2)"),
  ]);
  assert.equal(site.methods(), [], "nothing is said before it is open");
  site.events.onOpen();
  await settle();
  assert.equal(site.methods(), ["enable", ...ONE]);
  site.runtime.clock.pass(59);
  await settle();
  assert.equal(site.methods(), ["enable", ...ONE], "it gets some time");
  site.runtime.clock.pass(1);
  await settle();
  assert.equal(site.methods(), ["enable", ...ONE, ...ONE, "disable"]);
  assert.equal(site.told[2]?.params, {
    expression: LOOK_EXPRESSION,
    // Its text itself, and no line of what it throws in the worker's log.
    returnByValue: true,
    silent: true,
  });
  assert.is(new Set(site.told.map(({ id }) => id)).size, site.told.length);
  const { by, begun, frames } = site.outcome.now as Look;
  assert.equal([by?.path, begun, frames], ["/report", 7, ["two (a.ts:2)"]]);
  assert.is(site.open, false, "its debugger is let go");
  assert.equal(site.runtime.clock.due(), [], "nothing waits any more");
});

look("a worker that has gone on meanwhile is not told of", async () => {
  for (
    const [first, second] of [
      [sayOf(7, "/report"), sayOf(8, "/report")],
      [sayOf(7, "/report"), sayOf(7, "/other")],
      [undefined, sayOf(7, "/report")],
      [sayOf(7, "/report"), "no look"],
      [undefined, undefined],
    ]
  ) {
    const site = start([first, second]);
    site.events.onOpen();
    await settle();
    site.runtime.clock.pass(60);
    await settle();
    assert.is(site.outcome.now, undefined, `${first} and ${second}`);
    assert.equal(site.methods().slice(-2), ["resume", "disable"]);
  }
});

look("one that does not answer is left alone after 2.5 s", async () => {
  for (const silent of ["Debugger.enable", "Runtime.evaluate"]) {
    const site = start([]);
    site.silent = silent;
    site.events.onOpen();
    await settle();
    site.runtime.clock.pass(2499);
    await settle();
    assert.is(site.outcome.now, "pending");
    site.runtime.clock.pass(1);
    await settle();
    assert.is(site.outcome.now, undefined);
    assert.is(site.open, false);
    assert.is(site.told.at(-1)?.method, silent, "it is asked nothing more");
  }
});

look("one that does not stop is asked nothing", async () => {
  const site = start([sayOf(7, "/report")]);
  site.silent = "paused";
  site.events.onOpen();
  await settle();
  assert.equal(site.methods(), ["enable", "pause"]);
});

look("one whose port is closed, or never opens, is not told of", async () => {
  const closed = start();
  closed.silent = "Debugger.pause";
  closed.events.onOpen();
  await settle();
  closed.events.onClose();
  await settle();
  assert.is(closed.outcome.now, undefined);
  const never = start();
  never.events.onClose();
  await settle();
  assert.is(never.outcome.now, undefined);
  assert.equal(never.runtime.clock.due(), []);
});

look("what is no answer of a debugger ends the talk", async () => {
  const site = start();
  site.silent = "Debugger.enable";
  site.events.onOpen();
  await settle();
  // Of its scripts it tells at length; they are not even read.
  site.events.onText('{"method":"Debugger.scriptParsed","params":');
  site.events.onText('{"method":"Debugger.resumed"}');
  await settle();
  assert.is(site.outcome.now, "pending");
  site.events.onText("HTTP/1.1 400 Bad Request");
  await settle();
  assert.is(site.outcome.now, undefined);
  assert.is(site.open, false);
});

look.run();
