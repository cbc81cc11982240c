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

delivery.run();
