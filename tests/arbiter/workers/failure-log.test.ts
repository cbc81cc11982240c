import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { FailureLog } from "../../../src/arbiter/workers/failure-log.ts";

const failures = suite("failure log");

function build(): { log: FailureLog; lines: string[] } {
  const lines: string[] = [];
  return { log: new FailureLog({ error: (text) => lines.push(text) }), lines };
}

failures("tell() says once what all workers of an app say", () => {
  const { log, lines } = build();
  log.tell({ message: "Cannot load", stack: "at a:1" });
  log.tell({ message: "Cannot load", stack: "at a:1" });
  log.tell({ message: "Cannot load", stack: "" });
  assert.equal(lines, ["Cannot load\nat a:1", "Cannot load"]);
});

failures("forget() lets it be said again", () => {
  const { log, lines } = build();
  const failure = { message: "Cannot load", stack: "" };
  log.tell(failure);
  log.forget();
  log.tell(failure);
  assert.equal(lines, ["Cannot load", "Cannot load"]);
});

failures.run();
