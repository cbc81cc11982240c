import { SharedRun } from "../../src/base/shared-run.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const shared = suite("SharedRun");

function make() {
  const runs: PromiseWithResolvers<number>[] = [];
  let rested = 0;
  const run = new SharedRun(() => {
    const one = Promise.withResolvers<number>();
    runs.push(one);
    return one.promise;
  }, {
    rest: () => {
      rested++;
      return Promise.resolve();
    },
  });
  return { run, runs, rested: () => rested };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await null;
}

shared("all who ask during a run share the next one", async () => {
  const { run, runs, rested } = make();
  const first = run.ask();
  const others = [run.ask(), run.ask(), run.ask()];
  await settle();
  assert.is(runs.length, 1, "one at a time");
  runs[0]!.resolve(1);
  assert.is(await first, 1);
  await settle();
  assert.is(runs.length, 2);
  assert.is(rested(), 1);
  const later = run.ask();
  runs[1]!.resolve(2);
  assert.equal(await Promise.all(others), [2, 2, 2]);
  await settle();
  runs[2]!.resolve(3);
  assert.is(await later, 3);
  await settle();
  void run.ask();
  assert.is(runs.length, 4, "at once where there is none");
  assert.is(rested(), 2);
});

shared(
  "a run that fails is told to those who share it, and no others",
  async () => {
    const { run, runs } = make();
    const first = run.ask().catch(String);
    const second = run.ask();
    runs[0]!.reject(new Error("no"));
    assert.is(await first, "Error: no");
    await settle();
    runs[1]!.resolve(2);
    assert.is(await second, 2);
  },
);

shared.run();
