import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import {
  GOING,
  OpenSockets,
} from "../../../src/gateway/sockets/open-sockets.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";
import { switchedOf } from "../../../src/exchange/switched.ts";

const sockets = suite("OpenSockets");

/** A worker's sockets on a clock of their own; `random` is in the middle. */
function open(count: number) {
  const clock = new FakeClock();
  const seen: string[] = [];
  const open = new OpenSockets({
    clock,
    random: () => 0.5,
    watcher: {
      onOpen: () => void seen.push("open"),
      onEnd: (code, ms) => void seen.push(`end ${code} after ${ms}`),
    },
  });
  const all = Array.from({ length: count }, () => add());

  function add() {
    const said: string[] = [];
    const answer = {};
    const end = open.keep({
      close: (code, reason) =>
        void said.push(`${clock.passed()}: ${code} ${reason}`),
      cut: () => void said.push(`${clock.passed()}: cut`),
    }, answer);
    return { said, answer, end };
  }
  return { clock, open, all, add, seen };
}

sockets("a drain ends each at a moment of its own", () => {
  const { clock, open: one, all } = open(4);
  one.drain(1000);
  clock.pass(1000);
  assert.equal(all.map(({ said }) => said[0]), [
    "125: 1012 Service restart",
    "375: 1012 Service restart",
    "625: 1012 Service restart",
    "875: 1012 Service restart",
  ]);
});

sockets("a drain spreads 200 so that no 100 ms has a fifth of them", () => {
  const clock = new FakeClock();
  const one = new OpenSockets({ clock, random: Math.random });
  const parts = new Map<number, number>();
  for (let count = 0; count < 200; count++) {
    one.keep({
      close() {
        const part = Math.floor(clock.passed() / 100);
        parts.set(part, (parts.get(part) ?? 0) + 1);
      },
      cut() {},
    }, {});
  }
  one.drain(1000);
  clock.pass(1000);
  assert.is([...parts.values()].reduce((sum, part) => sum + part), 200);
  assert.ok(Math.max(...parts.values()) <= 40);
});

sockets("what opens in a drain is ended within its time too", () => {
  const { clock, open: one, add } = open(0);
  one.drain(1000);
  clock.pass(600);
  const late = add();
  clock.pass(400);
  assert.equal(late.said, ["800: 1012 Service restart"]);
  const later = add();
  assert.equal(later.said, ["1000: 1012 Service restart"]);
});

sockets("one that does not answer its close frame is cut", () => {
  const { clock, open: one, all: [first] } = open(1);
  one.drain(0);
  assert.equal(first?.said, ["0: 1012 Service restart"]);
  clock.pass(2000);
  assert.equal(first?.said.slice(1), ["2000: cut"]);
});

sockets("gone() resolves when the last has ended", async () => {
  const { open: one, all: [first, second] } = open(2);
  let gone = false;
  void one.gone().then(() => gone = true);
  first?.end({});
  first?.end({});
  await settle();
  assert.equal([gone, one.size], [false, 1]);
  second?.end({});
  await settle();
  assert.equal([gone, one.size], [true, 0]);
});

sockets("close() ends all now, and waits no longer than it may", async () => {
  const { clock, open: one, all } = open(2);
  let done = false;
  void one.close(GOING, 300).then(() => done = true);
  assert.equal(all.map(({ said }) => said), [
    ["0: 1001 Going away"],
    ["0: 1001 Going away"],
  ]);
  await settle();
  assert.is(done, false);
  clock.pass(300);
  await settle();
  assert.ok(done);
});

sockets("its watcher and its answer are told of the end", () => {
  const { clock, all, open: one, seen } = open(3);
  const ends: unknown[] = [];
  switchedOf(all[0]!.answer)?.onEnd((end) => ends.push(end));
  clock.pass(10);
  all[0]!.end({ code: 1000, bytes: 7 });
  all[1]!.end({});
  one.drain(0);
  all[2]!.end({});
  assert.equal(seen.slice(3), [
    "end 1000 after 10",
    "end 1006 after 10",
    "end 1012 after 10",
  ]);
  assert.equal(ends, [{ status: 101, bytes: 7 }]);
});

sockets(
  "gone() waits for those that are open, and for nothing else",
  async () => {
    const { open: one, all } = open(2);
    let gone = false;
    void one.gone().then(() => gone = true);
    all[0]!.end({});
    await settle();
    assert.is(gone, false);
    all[1]!.end({});
    await settle();
    assert.ok(gone);
    await one.gone();
  },
);

sockets("a handshake that is under way is expected until it is over", () => {
  const { open: one } = open(0);
  const first = one.expect();
  const second = one.expect();
  assert.is(one.expected, 2);
  first();
  first();
  assert.is(one.expected, 1);
  second();
  assert.is(one.expected, 0);
});

sockets("one lasts from its own beginning", () => {
  const { clock, add, seen } = open(0);
  clock.pass(1000);
  const { end } = add();
  clock.pass(5);
  end({});
  assert.equal(seen, ["open", "end 1006 after 5"]);
});

sockets("cut() cuts all that are open", () => {
  const { open: one, all } = open(2);
  all[1]!.end({});
  one.cut();
  assert.equal(all.map(({ said }) => said), [["0: cut"], []]);
});

sockets("what has ended is neither told nor cut any more", () => {
  const { clock, open: one, all: [first, second] } = open(2);
  one.drain(1000);
  clock.pass(250);
  first!.end({});
  second!.end({});
  clock.pass(5000);
  assert.equal(first!.said, ["250: 1012 Service restart"]);
  assert.equal(second!.said, []);
});

sockets("a drain that has begun is not begun again", () => {
  const { clock, open: one, all: [first] } = open(1);
  one.drain(1000);
  clock.pass(400);
  one.drain(1000);
  clock.pass(100);
  assert.equal(first!.said, ["500: 1012 Service restart"]);
});

sockets(
  "one that was told in a drain is told once, and only waited for",
  () => {
    const { clock, open: one, all: [first] } = open(1);
    one.drain(0);
    clock.pass(1500);
    void one.close(GOING, 300);
    clock.pass(1900);
    assert.equal(first!.said, ["0: 1012 Service restart"]);
    clock.pass(100);
    assert.equal(first!.said.slice(1), ["3500: cut"]);
  },
);

sockets("close() leaves no timer behind where all are gone", async () => {
  const { clock, open: one, all: [first] } = open(1);
  const closing = one.close(GOING, 60_000);
  first!.end({});
  await closing;
  assert.equal(clock.due(), []);
});

sockets.run();
