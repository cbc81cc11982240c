import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { askBy } from "../../../src/arbiter/generations/ask-program.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const asking = suite("askBy");

asking("askBy() gives up on a program that does not end", async () => {
  const runtime = new FakeRuntime();
  const asked = askBy(runtime)("getent", ["passwd", "jane"]);
  const child = runtime.child(1);
  child.options.onOutput?.("stdout", "jane:x:1:");
  runtime.clock.pass(10_000);
  assert.is(await asked, undefined);
  assert.equal(child.signals, ["SIGKILL"]);
});

asking("askBy() gives nothing for one that cannot be started", async () => {
  const runtime = new FakeRuntime();
  runtime.spawnFailure = new Error("ENOENT");
  assert.is(await askBy(runtime)("getent", []), undefined);
});

asking.run();
