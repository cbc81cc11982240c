import { suite } from "../../../support/suite.ts";
import * as assert from "../../../support/assert.ts";
import { LivedTime } from "../../../../adapters/shared/machine/lived-time.ts";
import { FakeClock } from "../../../support/fake/runtime.ts";

const lived = suite("lived time");

lived("at() goes with the clock while what is due comes", () => {
  const time = new LivedTime();
  for (let now = 0; now < 10_000; now += 100) {
    const expected = time.expect(now + 100);
    assert.is(time.at(now), now);
    time.forget(expected);
  }
});

lived("at() leaves out what something is late", () => {
  const time = new LivedTime();
  time.at(0);
  time.expect(250);
  assert.is(time.at(200), 200);
  assert.is(time.at(6200), 250);
  assert.is(time.at(6210), 250, "as long as it has not come");
  assert.is(time.lost, 5960);
});

lived("at() goes on where the clock goes back", () => {
  const time = new LivedTime();
  assert.is(time.at(5000), 5000);
  assert.is(time.at(1000), 5000);
  assert.is(time.at(1100), 5100);
});

lived("at() is as exact as the first of what is due", () => {
  const time = new LivedTime();
  const near = time.expect(100);
  time.expect(1000);
  time.forget(near);
  assert.is(time.at(900), 900);
  time.expect(1000);
  assert.is(time.at(9000), 1000);
});

lived("after() waits for what was lost besides", () => {
  const clock = new FakeClock();
  const times: number[] = [];
  const beat = () => void clock.pulse(250, beat);
  beat();
  clock.after(2000, () => times.push(clock.passed()));
  clock.pass(1000);
  clock.block(6000);
  clock.pass(5000);
  assert.equal(times, [7750], "250 ms of the standstill are not known");
});

lived(
  "after() runs at its time where the process was busy for a moment",
  () => {
    const clock = new FakeClock();
    const times: number[] = [];
    clock.after(100, () => times.push(clock.passed()));
    clock.block(140);
    clock.pass(0);
    assert.equal(times, [140]);
  },
);

lived("what is lost while a pulse runs is left out too", () => {
  const clock = new FakeClock();
  const times: number[] = [];
  const beat = () => void clock.pulse(250, beat);
  clock.pulse(250, () => {
    clock.block(6000);
    beat();
  });
  clock.after(2000, () => times.push(clock.passed()));
  clock.pass(10_000);
  assert.equal(times, [8000]);
});

lived("after() is silent once it is closed, also while it waits on", () => {
  const clock = new FakeClock();
  const beat = () => void clock.pulse(250, beat);
  beat();
  let rung = 0;
  const timer = clock.after(2000, () => rung++);
  clock.pass(1000);
  clock.block(6000);
  clock.pass(100);
  timer.close();
  clock.pass(10_000);
  assert.is(rung, 0);
});

lived.run();
