/** What the app wants done at its end is kept until then. */
import { spawnSync } from "node:child_process";
import * as assert from "../support/assert.ts";
import { commandFor, runtimeName } from "../support/process/command.ts";
import { suite } from "../support/suite.ts";

const farewell = suite(`the end of a process on ${runtimeName}`);

/** What the program says of a case. */
function say(which: string): unknown[] {
  const [program, ...args] = commandFor(
    runtimeName,
    "tests/fixtures/farewell.ts",
  );
  const { stdout, stderr, signal } = spawnSync(program, [...args, which], {
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.is(signal, null, stderr);
  assert.match(stdout, /^\[/, stderr);
  return JSON.parse(stdout);
}

farewell("handlers of signals are called when corn says so", () => {
  assert.equal(say("signals"), [
    true,
    2,
    1,
    true,
    "corn's",
    "preloaded",
    "SIGTERM",
    15,
    "last",
    // They did not all give something to wait for; the one by once() is gone.
    false,
    "INT",
    false,
    3,
    "INT",
    false,
  ]);
});

farewell("what handlers return is waited for", () => {
  assert.equal(say("promises"), ["waited", true, "waited", "thrown"]);
});

farewell("an app that removes all listeners removes its own", () => {
  assert.equal(say("removed"), [0, 1, "thrown", "corn's"]);
});

farewell("an app that listens to rejections sees to them itself", () => {
  const told = ["nobody's", ["the app's"], "nobody's again", "thrown"];
  assert.equal(say("rejections"), [...told, ["thrown"]]);
});

farewell("handlers of beforeExit are called once", () => {
  assert.equal(say("exit"), [false, true, "exit 0", false]);
});

farewell("the loop is idle when the app has nothing left to do", () => {
  // The handlers of beforeExit are told of its end, and not of a wait for it.
  assert.equal(say("idle"), ["work", "idle", "told"]);
});

farewell.run();
