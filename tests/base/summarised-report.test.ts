import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { summarisedReport } from "../../src/base/summarised-report.ts";

const tally = suite("summarisedReport()");

tally("the first is told at once, those that follow by their number", () => {
  const told: string[] = [];
  let run: (() => void) | undefined;
  const turn = () => {
    const next = run;
    run = undefined;
    next?.();
  };
  const tell = summarisedReport({
    clock: {
      after(ms, next) {
        assert.is(ms, 10_000);
        run = next;
        return { close() {} };
      },
    },
    report: (text) => void told.push(text),
    more: (count, seconds) => `${count} more in ${seconds} s`,
  });
  tell("one");
  tell("two");
  tell(() => {
    throw new Error("it is not written");
  });
  assert.equal(told, ["one"]);
  turn();
  assert.equal(told, ["one", "2 more in 10 s"]);
  tell("four");
  turn();
  assert.equal(told.at(-1), "1 more in 10 s");
  turn();
  assert.is(run, undefined, "no timer is left once it is quiet");
  tell("five");
  assert.equal(told.slice(3), ["five"]);
});

tally.run();
