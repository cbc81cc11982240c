import { DeliveryState } from "../../src/outbox/delivery-state.ts";
import * as assert from "../support/assert.ts";
import { FakeClock } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const delivery = suite("DeliveryState");

/** What is waited after each of so many failures. */
function waits(count: number, chance: number): number[] {
  const state = new DeliveryState({
    runtime: { clock: new FakeClock(), random: () => chance },
    what: "syslog",
    report() {},
  }, () => ({ kind: "unix-datagram", path: "/dev/log" }));
  return Array.from({ length: count }, () => state.fail("gone"));
}

delivery("waits twice as long each time, up to half a minute", () => {
  assert.equal(waits(9, 0.5), [
    ...[250, 500, 1000, 2000, 4000, 8000, 16_000],
    ...[30_000, 30_000],
  ]);
});

delivery(
  "a quarter less or more by chance, so that not all come at once",
  () => {
    assert.equal(waits(2, 0), [187.5, 375]);
    assert.equal(waits(2, 1), [312.5, 625]);
  },
);

delivery("what is proven begins with short waits again", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const state = new DeliveryState({
    ...{ runtime: { clock, random: () => 0.5 }, what: "syslog" },
    report: (text) => told.push(text),
  }, () => ({ kind: "tcp", host: "logs", port: 601 }));
  state.prove();
  assert.equal(clock.due(), [], "nothing is to be proven");
  state.fail("gone");
  state.prove();
  state.fail("gone");
  clock.pass(5000);
  assert.is(told.length, 1, "a failure ends the proof");
  assert.is(state.fail("gone"), 1000);
  state.lose(2);
  state.prove();
  clock.pass(999);
  assert.is(told.length, 1);
  clock.pass(1);
  assert.equal(told.slice(1), [
    "Sending syslog to tcp://logs:601 again: 2 messages lost",
  ]);
  state.lose(1);
  state.prove();
  clock.pass(1000);
  assert.equal(told.slice(2), [
    "Sending syslog to tcp://logs:601: 1 message lost",
  ]);
  assert.equal([state.lost, state.fail("gone")], [0, 250]);
  assert.is(told.length, 4, "a new failure is told");
  state.prove();
  state.close();
  assert.equal([told.length, clock.due()], [4, []], "nothing was lost");
});

delivery.run();
