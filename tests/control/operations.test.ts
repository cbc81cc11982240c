import { Operations } from "../../src/control/operations.ts";
import type { OperationReport } from "../../src/control/operations.ts";
import * as assert from "../support/assert.ts";
import { FakeClock, settle } from "../support/fake/clock.ts";
import { suite } from "../support/suite.ts";

const operations = suite("operations");

function start() {
  const clock = new FakeClock();
  return { clock, operations: new Operations(() => clock.now()) };
}

operations("begin() names them by their kind and a number that rises", () => {
  const { operations } = start();
  const [one, two] = [
    operations.begin("reload", "Reading"),
    operations.begin("scale", "Scaling"),
  ];
  assert.is(one.report.operation, "reload-1");
  assert.is(two.report.operation, "scale-2");
  assert.is(operations.find("scale-2"), two);
  assert.is(operations.find("scale-1"), undefined);
});

operations("a report says how long it took, and no more than that", () => {
  const { clock, operations } = start();
  clock.pass(500);
  const operation = operations.begin("reload", "Reading");
  clock.pass(1000.4);
  assert.is(operation.report.tookMs, 1000);
  operation.change({ message: "Booting" });
  clock.pass(1000);
  assert.is(operation.report.tookMs, 2000);
  assert.is(operation.report.step, 1);
  operation.fail("It failed", { message: "boom", stack: "" });
  clock.pass(1000);
  const ended: OperationReport = {
    operation: "reload-1",
    state: "failed",
    message: "It failed",
    failure: { message: "boom", stack: "" },
    step: 2,
    tookMs: 2000,
  };
  assert.equal(operation.report, ended);
  // The first end counts.
  operation.done("Done after all");
  operation.change({ message: "More" });
  assert.equal(operation.report, ended);
});

operations(
  "wait() answers at once where there is more, or no time",
  async () => {
    const { clock, operations } = start();
    const operation = operations.begin("reload", "Reading");
    const after = clock.after.bind(clock);
    assert.is((await operation.wait(0, 0, after)).step, 0);
    operation.change({ message: "Booting" });
    assert.is((await operation.wait(0, 1000, after)).message, "Booting");
    operation.done("Done");
    assert.is((await operation.wait(Infinity, 1000, after)).state, "done");
    assert.equal(clock.due(), []);
  },
);

operations("wait() answers at the next step, the end or its time", async () => {
  const { clock, operations } = start();
  const operation = operations.begin("reload", "Reading");
  const answers: string[] = [];
  const wait = (name: string, seen: number, ms: number) =>
    void operation.wait(seen, ms, (ms, run) => clock.after(ms, run))
      .then(({ step, state }) => answers.push(`${name} ${step} ${state}`));
  wait("step 1", 0, 5000);
  wait("step 2", 1, 5000);
  wait("end", Infinity, 5000);
  wait("time", Infinity, 1000);
  await settle();
  assert.equal(answers, []);
  operation.change({ message: "Booting" });
  await settle();
  assert.equal(answers.splice(0), ["step 1 1 running"]);
  clock.pass(1000);
  await settle();
  assert.equal(answers.splice(0), ["time 1 running"]);
  operation.change({ message: "Almost" });
  await settle();
  assert.equal(answers.splice(0), ["step 2 2 running"]);
  operation.done("Done");
  await settle();
  assert.equal(answers.splice(0), ["end 3 done"]);
  assert.equal(clock.due(), [], "no timer is left");
});

operations("the latest 50 are kept, and any that goes on", () => {
  const { operations } = start();
  const long = operations.begin("reload", "Reading");
  for (let at = 0; at < 60; at++) operations.begin("reopen", "").done("Done");
  assert.is(operations.find("reload-1"), long);
  const kept = Array.from({ length: 61 }, (_, at) => `reopen-${at + 1}`)
    .filter((name) => operations.find(name) !== undefined);
  assert.is(kept.length, 49);
  assert.is(kept[0], "reopen-13");
});

operations.run();
