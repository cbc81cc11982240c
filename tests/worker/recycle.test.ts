import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { watchLimits } from "../../src/worker/recycle.ts";
import { FakeClock } from "../support/fake/runtime.ts";

const recycle = suite("recycle");
const MIB = 2 ** 20;

function watch(maxLifetimeMs: number, maxMemory: number, maxMemoryHard = 0) {
  const clock = new FakeClock();
  const machine = { memory: 0 };
  const reasons: string[] = [];
  const kinds: string[] = [];
  const watched = watchLimits({
    clock,
    self: { memory: () => machine.memory },
    limits: { maxLifetimeMs, maxMemory, maxMemoryHard },
    onLimit(kind, reason) {
      kinds.push(kind);
      reasons.push(reason);
    },
    onHardLimit: (reason) => reasons.push(`now, ${reason}`),
  });
  return { clock, machine, reasons, kinds, watched };
}

recycle("watchLimits() asks once, when the lifetime is over", () => {
  const { clock, reasons, kinds } = watch(5000, 0);
  clock.pass(4999);
  assert.equal(reasons, []);
  clock.pass(60_000);
  assert.equal(reasons, ["5 s of service"]);
  assert.equal(kinds, ["lifetime"]);
});

recycle("watchLimits() wants too much memory three times in a row", () => {
  const { clock, machine, reasons } = watch(0, 100 * MIB);
  machine.memory = 200 * MIB;
  clock.pass(2000);
  machine.memory = 50 * MIB;
  clock.pass(1000);
  machine.memory = 300 * MIB;
  clock.pass(2000);
  assert.equal(reasons, []);
  clock.pass(1000);
  assert.equal(reasons, ["growing to 300 MiB"]);
  clock.pass(60_000);
  assert.is(reasons.length, 1);
});

recycle("watchLimits() takes one look for the hard limit", () => {
  const { clock, machine, reasons } = watch(0, 0, 100 * MIB);
  machine.memory = 100 * MIB;
  clock.pass(10_000);
  assert.equal(reasons, []);
  machine.memory = 120 * MIB;
  clock.pass(1000);
  const hard = "now, 120 MiB of memory, more than the hard limit of 100 MiB";
  assert.equal(reasons, [hard]);
  clock.pass(60_000);
  assert.is(reasons.length, 1);
});

recycle("watchLimits() minds the hard limit after the soft one", () => {
  const { clock, machine, reasons } = watch(0, 50 * MIB, 100 * MIB);
  machine.memory = 60 * MIB;
  clock.pass(10_000);
  assert.equal(reasons, ["growing to 60 MiB"]);
  machine.memory = 101 * MIB;
  clock.pass(1000);
  assert.is(reasons.length, 2);
  assert.match(reasons[1] ?? "", /^now, 101 MiB/);
});

recycle("watchLimits() sets no timer where there is no limit", () => {
  assert.is(watch(0, 0).clock.set, 0);
});

recycle("watchLimits() is over when it is closed", () => {
  const { clock, machine, reasons, watched } = watch(1000, 1);
  watched.close();
  machine.memory = 2 ** 40;
  clock.pass(1e6);
  assert.equal(reasons, []);
});

recycle.run();
