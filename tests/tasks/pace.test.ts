import { Pace } from "../../src/tasks/pace.ts";
import * as assert from "../support/assert.ts";
import { FakeClock } from "../support/fake/clock.ts";
import { suite } from "../support/suite.ts";

const pacing = suite("Pace");

function start() {
  const clock = new FakeClock();
  const pace = new Pace(clock);
  const opened: number[] = [];
  const refused: number[] = [];
  return {
    ...{ clock, pace, opened, refused },
    add: (id: number) =>
      pace.add({
        open: () => void opened.push(id),
        refuse: () => void refused.push(id),
      }),
  };
}

const upTo = (end: number) => Array.from({ length: end }, (_, id) => id);

pacing("so many are opened in a turn, the others later, in order", () => {
  const turns: (() => void)[] = [];
  const opened: number[] = [];
  const pace = new Pace({
    after(_ms, run) {
      turns.push(run);
      return { close() {} };
    },
  });
  const add = (id: number) =>
    pace.add({ open: () => void opened.push(id), refuse() {} });
  for (const id of upTo(40)) add(id);
  for (const count of [16, 32, 40]) {
    assert.equal(opened, upTo(count));
    assert.is(turns.length, 1);
    turns.shift()?.();
  }
  assert.equal(turns, [], "nobody is woken for nothing");
  add(40);
  assert.equal(opened, upTo(41));
});

pacing("what waits is opened before what comes later", () => {
  const { clock, opened, add } = start();
  for (const id of upTo(17)) add(id);
  add(17);
  clock.pass(0);
  assert.equal(opened, upTo(18));
});

pacing("what is given up is not opened", () => {
  const { clock, opened, refused, add } = start();
  const all = upTo(18).map(add);
  all[16]!.close();
  all[0]!.close();
  clock.pass(0);
  assert.equal(opened, [...upTo(16), 17]);
  assert.equal(refused, []);
});

pacing("refuseAll() refuses what waits, once, and no others", () => {
  const { clock, pace, opened, refused, add } = start();
  for (const id of upTo(18)) add(id);
  pace.refuseAll();
  pace.refuseAll();
  clock.pass(0);
  assert.equal([opened, refused], [upTo(16), [16, 17]]);
});

pacing.run();
