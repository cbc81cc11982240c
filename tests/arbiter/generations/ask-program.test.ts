import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { askBy } from "../../../src/arbiter/generations/ask-program.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const asking = suite("askBy");

asking(
  "askBy() gives what a program prints, and not what it says of that",
  async () => {
    const runtime = new FakeRuntime();
    const asked = askBy(runtime)("getent", ["passwd", "jane"]);
    const child = runtime.child(1);
    child.options.onOutput?.("stderr", "careful\n");
    child.options.onOutput?.("stdout", "jane:x:");
    child.options.onOutput?.("stdout", "1:\n");
    child.exit({ code: 0 });
    assert.is(await asked, "jane:x:1:\n");
    assert.equal(runtime.clock.due(), []);
  },
);

asking("askBy() gives nothing for a program that fails", async () => {
  const runtime = new FakeRuntime();
  const asked = askBy(runtime)("getent", ["passwd", "nobody"]);
  const child = runtime.child(1);
  child.options.onOutput?.("stdout", "what it had until then");
  child.exit({ code: 2 });
  assert.is(await asked, undefined);
});

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
