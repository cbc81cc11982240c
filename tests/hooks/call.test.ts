import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { messageOf } from "../../src/base/errors.ts";
import { callHook } from "../../src/hooks/call.ts";
import { FakeClock, settle } from "../support/fake/runtime.ts";

const call = suite("call");

function build() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = {
    warning: (text: string) => void lines.push(`warning ${text}`),
    error: (text: string) => void lines.push(`error ${text}`),
  };
  const run = (hook: () => unknown) =>
    callHook("preFork", hook, { clock, log, limitMs: 2000 });
  return { clock, lines, run };
}

call("callHook() gives what a hook returns at once", () => {
  const { run, clock, lines } = build();
  assert.equal(run(() => 7), { end: "done", value: 7 });
  assert.is(clock.set, 0);
  assert.equal(lines, []);
});

call("callHook() waits for a promise, and leaves no timer", async () => {
  const { run, clock } = build();
  assert.equal(await run(() => Promise.resolve(7)), { end: "done", value: 7 });
  assert.equal(clock.due(), []);
});

call("callHook() logs what a hook throws with its name", async () => {
  const { run, clock, lines } = build();
  const error = new Error("no");
  const boom = () => {
    throw error;
  };
  assert.equal(run(boom), { end: "failed", error });
  assert.equal(await run(() => Promise.reject(error)), {
    end: "failed",
    error,
  });
  assert.equal(
    lines.map((line) => line.split("\n")[0]),
    ["error Hook preFork failed", "error Hook preFork failed"],
  );
  assert.match(lines[0] ?? "", /Error: no/);
  assert.equal(clock.due(), []);
});

call("callHook() leaves behind what takes too long", async () => {
  const { run, clock, lines } = build();
  const gate = Promise.withResolvers<void>();
  const outcome = run(() => gate.promise);
  clock.pass(1999);
  assert.equal(lines, []);
  clock.pass(1);
  assert.equal(await outcome, { end: "late" });
  assert.equal(lines, [
    "warning Hook preFork is not done within 2 s: corn goes on without it",
  ]);
  // What it fails with later is logged as well, and ends nothing.
  gate.reject(new Error("late"));
  await settle();
  assert.match(lines[1] ?? "", /^error Hook preFork failed\n/);
});

call("callHook() survives what cannot be looked at", async () => {
  const { run, lines } = build();
  const deny = () => {
    throw new Error("no look");
  };
  const error = new Proxy({}, { get: deny, getPrototypeOf: deny });
  const boom = () => {
    throw error;
  };
  for (const hook of [boom, () => Promise.reject(error)]) {
    assert.is((await run(hook)).end, "failed");
  }
  assert.is(messageOf(error), "something that has no text");
  assert.is(lines.length, 2);
});

call.run();
