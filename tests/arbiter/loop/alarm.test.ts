import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Alarm } from "../../../src/arbiter/loop/alarm.ts";
import { BEGINNING, FakeClock } from "../../support/fake/clock.ts";

const alarm = suite("alarm");

function make() {
  const clock = new FakeClock();
  const rings: number[] = [];
  return {
    clock,
    rings,
    alarm: new Alarm(clock, () => rings.push(clock.passed())),
  };
}

alarm("setFor() rings when it is due, and once", () => {
  const { clock, rings, alarm } = make();
  alarm.setFor(BEGINNING + 100.4);
  clock.pass(1000);
  assert.equal(rings, [101]);
});

alarm("setFor() rings sooner where something is due before", () => {
  const { clock, rings, alarm } = make();
  alarm.setFor(BEGINNING + 100);
  alarm.setFor(BEGINNING + 50);
  clock.pass(1000);
  assert.equal(rings, [50]);
});

alarm("setFor() keeps its timer where what is due moves a little away", () => {
  const { clock, rings, alarm } = make();
  alarm.setFor(BEGINNING + 100);
  for (let time = 1; time < 50; time++) alarm.setFor(BEGINNING + 100 + time);
  assert.is(clock.set, 1);
  clock.pass(100);
  assert.equal(rings, [100]);
});

alarm("setFor() does not ring far too early", () => {
  const { clock, rings, alarm } = make();
  for (let time = 0; time < 500; time += 10) {
    alarm.setFor(clock.now() + 100);
    clock.pass(10);
  }
  assert.equal(rings, []);
  assert.is(clock.set, 10);
  clock.pass(1000);
  assert.equal(rings.length, 1);
});

alarm("setFor() rings at once for what was due before", () => {
  const { clock, rings, alarm } = make();
  clock.pass(500);
  alarm.setFor(BEGINNING + 400);
  clock.pass(0);
  assert.equal(rings, [500]);
});

alarm("setFor() rings once a second where nothing is due", () => {
  const { clock, rings, alarm } = make();
  alarm.setFor(Infinity);
  clock.pass(1000);
  assert.equal(rings, [1000]);
});

alarm(
  "setFor() rings again where it rang before what is due, as time was lost",
  () => {
    const { clock, rings, alarm } = make();
    const begun = clock.lived();
    clock.pulse(100, () => {});
    alarm.setFor(BEGINNING + 1000);
    // The machine stands still: what was due at 100 is found late, and the rest with it.
    clock.block(600);
    clock.pass(400);
    assert.equal(rings, [1000]);
    const lived = clock.lived() - begun;
    assert.ok(lived < 1000, `${lived} ms were lived through`);
    alarm.setFor(BEGINNING + 1000);
    clock.pass(1000);
    assert.is(rings.length, 2);
  },
);

alarm("close() keeps it silent", () => {
  const { clock, rings, alarm } = make();
  alarm.setFor(BEGINNING + 100);
  alarm.close();
  clock.pass(1000);
  assert.equal(rings, []);
});

alarm.run();
