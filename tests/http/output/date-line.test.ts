import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createDateLine } from "../../../src/http/output/date-line.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const dateLine = suite("createDateLine()");

const at = (seconds: number) =>
  `date: Thu, 01 Jan 1970 01:00:0${seconds} GMT\r\n`;

dateLine("the line is made anew when its second is over", () => {
  const clock = new FakeClock();
  clock.pass(1400);
  const line = createDateLine(clock);
  assert.is(line.text(), at(1));
  clock.pass(500);
  line.check(clock.now());
  assert.is(line.text(), at(1));
  clock.pass(100);
  line.check(clock.now());
  assert.is(line.text(), at(2));
});

dateLine("the line is kept until then", () => {
  const clock = new FakeClock();
  let made = 0;
  const line = createDateLine({
    now: () => clock.now(),
    date: () => (made++, clock.date()),
  });
  for (let look = 0; look < 12; look++) {
    line.text();
    clock.pass(250);
    line.check(clock.now());
  }
  assert.is(made, 3);
});

dateLine("a line that nobody checks is forgotten", () => {
  const clock = new FakeClock();
  const line = createDateLine(clock);
  assert.is(line.text(), at(0));
  line.forget();
  clock.pass(5000);
  assert.is(line.text(), at(5));
});

dateLine.run();
