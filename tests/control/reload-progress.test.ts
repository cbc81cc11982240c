import { Operation } from "../../src/control/operations.ts";
import { ReloadProgress } from "../../src/control/reload-progress.ts";
import type { CanaryFacts, News } from "../../src/control/subject.ts";
import * as assert from "../support/assert.ts";
import { FakeClock } from "../support/fake/clock.ts";
import { suite } from "../support/suite.ts";

const progress = suite("ReloadProgress");

const counts = { requests: 1, failures: 0 };
const CANARY: CanaryFacts = {
  ...{ worker: 1, leftMs: 5000, fresh: counts, old: counts },
};

/** A reload that has just been ordered. */
function reload() {
  const clock = new FakeClock();
  const operation = new Operation("reload-1", "Reading", () => clock.now());
  const place: { canary?: CanaryFacts } = {};
  const all = new ReloadProgress(operation, {
    ...{ pid: 99, canary: () => place.canary },
    after: (ms, run) => clock.after(ms, run),
  });
  const note = (about: string, news: Partial<News> = {}) =>
    all.note({ about, ...news });
  const warn = (
    text: string,
    pid = 99,
    level: "warning" | "info" = "warning",
  ) => all.log({ level, pid, text });
  return {
    ...{ all, clock, operation, place, note, warn },
    ready: (generation: number) =>
      note("ready", { worker: { slot: 1, pid: 7, age: 9, generation } }),
    told: () => {
      const { message, progress, generation } = operation.report;
      const { ready, wanted } = progress ?? {};
      return `${generation}: ${ready} of ${wanted}, ${message}`;
    },
  };
}

progress("workers of the new generation are counted, and no others", () => {
  const { note, ready, told } = reload();
  ready(1);
  assert.is(told(), "undefined: undefined of undefined, Reading");
  note("rollout");
  assert.is(told(), "undefined: undefined of undefined, Reading", "of which?");
  note("rollout", { generation: 2, wanted: 2 });
  assert.is(told(), "2: 0 of 2, Generation 2 boots");
  ready(2);
  ready(1);
  note("ready");
  assert.is(told(), "2: 1 of 2, Generation 2 boots");
  ready(2);
  ready(2);
  assert.is(told(), "2: 2 of 2, Generation 2 boots", "one was replaced");
  note("rollout", { generation: 3, wanted: 4 });
  ready(3);
  assert.is(told(), "3: 1 of 4, Generation 3 boots");
  note("rollout", { generation: 4 });
  assert.is(told(), "4: 0 of 0, Generation 4 boots");
});

progress("what was warned of before the roll-out is told at the end", () => {
  const { all, operation, note, warn } = reload();
  warn("of the config");
  warn("of a worker", 7);
  warn("is known", 99, "info");
  note("rollout", { generation: 2, wanted: 2 });
  warn("of the pool");
  note("rollout-superseded");
  warn("of the config that is read again");
  note("rollout", { generation: 3, wanted: 2 });
  note("rolled-out", { generation: 3, text: "Generation 3 serves" });
  all.done();
  const { state, message, warnings } = operation.report;
  assert.equal([state, message, warnings], [
    ...["done", "Generation 3 serves", ["of the config that is read again"]],
  ]);
  const first = reload();
  first.warn("of the first");
  first.all.done();
  assert.equal(first.operation.report.warnings, ["of the first"]);
  const quiet = reload();
  quiet.all.done();
  assert.is(quiet.operation.report.message, "Reload done");
  assert.not("warnings" in quiet.operation.report);
});

progress("it fails by what kept it from beginning, or by a worker", () => {
  const refused = reload();
  refused.all.fail(new Error("no such file"));
  assert.equal(
    [refused.operation.report.state, refused.operation.report.message],
    ["failed", "Reload refused, nothing changes: no such file"],
  );
  const failed = reload();
  failed.note("rollout", { generation: 2, wanted: 2 });
  failed.note("rollout-failed", {
    ...{ text: "Generation 2 failed", generation: 2 },
    failure: { message: "boom", stack: "at a" },
    worker: { slot: 1, pid: 7, age: 9, generation: 2 },
  });
  failed.all.fail(new Error("it came to nothing"));
  const { message, failure } = failed.operation.report;
  assert.is(message, "Generation 2 failed");
  assert.equal(failure, { worker: 1, message: "boom", stack: "at a" });
  const short = reload();
  short.note("rollout-failed");
  short.all.fail(new Error("it came to nothing"));
  assert.is(short.operation.report.message, "Reload failed");
});

progress("a canary is told of each second until it is judged", () => {
  const { all, clock, operation, place, note, told } = reload();
  note("rollout", { generation: 2, wanted: 2 });
  note("canary", { text: "Worker 1 is judged" });
  assert.match(told(), /Worker 1 is judged$/);
  place.canary = CANARY;
  clock.pass(999);
  assert.is(operation.report.canary, undefined);
  clock.pass(1);
  assert.is(operation.report.canary?.leftMs, 5000);
  place.canary = { ...CANARY, leftMs: 4000 };
  clock.pass(1000);
  assert.is(operation.report.canary?.leftMs, 4000);
  delete place.canary;
  note("canary-passed", { text: "It passed" });
  note("canary-passed");
  assert.match(told(), /It passed$/);
  clock.pass(1000);
  assert.equal(clock.due(), [], "it is judged");
  note("canary");
  all.done();
  place.canary = CANARY;
  clock.pass(1000);
  assert.equal(clock.due(), [], "it is over");
});

progress.run();
