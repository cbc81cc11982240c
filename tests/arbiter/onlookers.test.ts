import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { Onlookers } from "../../src/arbiter/onlookers.ts";
import type { FiguresMessage } from "../../src/protocol/messages.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";

const onlookers = suite("onlookers");

function figures(requests: number): FiguresMessage {
  return {
    type: "figures",
    ...{ requests, open: 0, queued: 0, cpuMs: 1, rss: 1, heapUsed: 1 },
    ...{ lagMs: 0, ended: [] },
  };
}

function start(ages: readonly number[] = [1]) {
  const runtime = new FakeRuntime();
  const told: (number | "now")[] = [];
  const own = new Onlookers({
    runtime,
    tellFigures: (everyMs) => told.push(everyMs),
    askFigures: () => told.push("now"),
    ages: () => ages,
  });
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 10) {
      runtime.clock.pass(10);
      await settle();
    }
  };
  return { runtime, own, told, pass, clock: runtime.clock };
}

onlookers("nothing is asked of workers, and no timer runs, before", () => {
  const { own, told, clock } = start();
  own.onFigures(1, figures(5));
  assert.is(own.of(1), undefined);
  assert.equal([told, clock.due()], [[], []]);
});

onlookers(
  "look() resolves with the second figures of each worker",
  async () => {
    const { own, told, pass } = start();
    let known = false;
    void own.look().then(() => known = true);
    assert.equal(told, [1000]);
    own.onFigures(1, figures(5));
    await pass(250);
    assert.equal(told, [1000, "now"]);
    assert.not(known);
    own.onFigures(1, figures(30));
    await pass(30);
    assert.ok(known);
    assert.is(own.of(1)?.perSecond, 100);
    assert.is(own.all().perSecond, 100);
  },
);

onlookers("look() does not wait for a worker that is blocked", async () => {
  const { own, pass } = start([1, 2]);
  let known = false;
  void own.look().then(() => known = true);
  await pass(700);
  assert.ok(known);
  assert.is(own.of(2), undefined);
});

onlookers("some seconds after the last look it is over", async () => {
  const { own, told, pass, clock } = start();
  void own.look();
  own.onFigures(1, figures(5));
  await pass(4000);
  void own.look();
  await pass(4000);
  assert.equal(told, [1000, "now"]);
  assert.is.not(own.of(1), undefined);
  await pass(2000);
  assert.equal(told, [1000, "now", 0]);
  assert.is(own.of(1), undefined);
  assert.equal(clock.due(), []);
});

onlookers("a worker that has ended is not told of", async () => {
  const { own, pass } = start([1, 2]);
  void own.look();
  for (const age of [1, 2]) own.onFigures(age, figures(5));
  await pass(300);
  for (const age of [1, 2]) own.onFigures(age, figures(35));
  assert.is(own.all().perSecond, 200);
  own.onExited(1);
  assert.is(own.of(1), undefined);
  assert.is(own.all().perSecond, 100);
  own.close();
});

onlookers("it tells what the arbiter takes itself", async () => {
  const { own, pass, runtime } = start();
  void own.look();
  assert.is(own.arbiter().cpu, null);
  runtime.usage = { ...runtime.usage, cpuMs: 500, rss: 9 };
  await pass(1010);
  const { cpu, rssBytes } = own.arbiter();
  assert.ok(cpu !== null && cpu > 0);
  assert.is(rssBytes, 9);
  own.close();
});

onlookers.run();
