import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { exitText, isTidy } from "../../src/base/exit-text.ts";

const exit = suite("exitText");

exit("exitText() names the code, or the signal that ended it", () => {
  assert.is(exitText({ code: 3 }), "exited with code 3");
  assert.is(exitText({ signal: "SIGKILL" }), "was killed by SIGKILL");
  assert.is(exitText({ code: 0, signal: "SIGTERM" }), "was killed by SIGTERM");
  assert.is(exitText({}), "is gone");
});

exit("isTidy() tells an end that was asked for from a failure", () => {
  const codes = [0, 130, 143, 1, 137, undefined];
  assert.equal(codes.map(isTidy), [true, true, true, false, false, false]);
});

exit.run();
