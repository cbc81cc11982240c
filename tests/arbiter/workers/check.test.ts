import { namesOf } from "../../../src/arbiter/generations/names.ts";
import { checkApp } from "../../../src/arbiter/workers/check.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { CornError } from "../../../src/base/errors.ts";
import type { BootMessage } from "../../../src/protocol/messages.ts";
import type { FakeChild } from "../../support/fake/process.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { configOf, FAILED } from "../site.ts";

const check = suite("checkApp()");

/** A check, its worker and what came of it: `fine`, `pending`, or an exit code and why. */
async function start(options: CornConfig = {}) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  const config = await configOf(options);
  const names = namesOf(runtime, "file:///corn/worker.ts");
  const outcome = { text: "pending" };
  checkApp({ runtime, config, names }).then(
    () => outcome.text = "fine",
    (error) => {
      assert.instance(error, CornError);
      outcome.text = `${error.exitCode} ${error.message}`;
    },
  );
  await settle();
  const [child] = runtime.children as [FakeChild];
  return { runtime, child, outcome };
}

check(
  "an app that loads is fine, in a worker that serves nothing",
  async () => {
    const { child, outcome, runtime } = await start({ env: { A: "b" } });
    assert.equal(child.options.descriptors, []);
    assert.is(child.options.env.A, "b");
    assert.equal(child.messages, []);
    const hello = { type: "hello", runtime: "node", version: "24.0.0" };
    child.say(hello);
    child.say(hello);
    assert.equal(child.told(), ["boot"], "it boots once");
    const [boot] = child.messages as { check?: boolean; listeners?: unknown }[];
    assert.is(boot?.check, true);
    assert.is(outcome.text, "pending");
    child.exit({ code: 0 });
    await settle();
    assert.is(outcome.text, "fine");
    assert.equal(runtime.clock.due(), [], "nothing waits any more");
  },
);

check(
  "its worker is the first of a start, and is let off its proof",
  async () => {
    const { child } = await start({ minUptime: 9 });
    assert.is(child.options.env.CORN_WORKER_ID, "1");
    child.say({ type: "hello", runtime: "node", version: "24.0.0" });
    const [boot] = child.messages as unknown as BootMessage[];
    const { slot, age, generation, queue, ...rest } = boot!;
    assert.equal([slot, age, generation, queue], [1, 1, 1, 0]);
    const { served, proofMs, tells, dev } = rest;
    assert.equal([served, proofMs, tells, dev], [false, 0, false, false]);
  },
);

check("an app that does not load is told in its own words", async () => {
  const { child, outcome } = await start();
  child.say({ ...FAILED, message: "Cannot load it", stack: "at app.ts:1" });
  child.exit({ code: 4 });
  await settle();
  assert.is(outcome.text, "4 Cannot load it\nat app.ts:1");
  const bare = await start();
  bare.child.say({ ...FAILED, message: "Cannot load it", stack: "" });
  // What it said counts, however it ends.
  bare.child.exit({ code: 0 });
  await settle();
  assert.is(bare.outcome.text, "4 Cannot load it");
  const boot = await start();
  boot.child.say({ ...FAILED, kind: "boot", message: "No", stack: "" });
  boot.child.exit({ code: 3 });
  await settle();
  assert.is(boot.outcome.text, "3 No");
});

check("a worker that ends without a word is told by how it ended", async () => {
  for (
    const [exit, how] of [
      [{ code: 7 }, "exit code 7"],
      [{ signal: "SIGSEGV" }, "SIGSEGV"],
      [{ error: new Error("ENOENT") }, "ENOENT"],
    ] as const
  ) {
    const { child, outcome } = await start();
    child.exit(exit);
    await settle();
    assert.is(
      outcome.text,
      `3 Cannot load app "app.ts": its worker ended by ${how}`,
    );
  }
});

check("an app that takes too long is ended", async () => {
  const { runtime, child, outcome } = await start({ bootTimeout: 5 });
  runtime.clock.pass(4999);
  assert.equal(child.signals, []);
  runtime.clock.pass(1);
  assert.equal(child.signals, ["SIGKILL"]);
  child.exit({ signal: "SIGKILL" });
  await settle();
  assert.is(
    outcome.text,
    '3 Cannot load app "app.ts": not done within the boot timeout of 5 s',
  );
});

check("a worker that floods the channel is ended", async () => {
  const { child } = await start();
  child.options.onOverlong?.();
  assert.equal(child.signals, ["SIGKILL"]);
});

check.run();
