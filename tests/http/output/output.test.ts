import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Output } from "../../../src/http/output/output.ts";
import { SLICE_MS, Turns } from "../../../src/http/output/turns.ts";
import type { Channel } from "../../../src/runtime/transport.ts";
import { settle } from "../../support/fake/runtime.ts";

const output = suite("Output");

const KIB = 1024;

/** An output whose client and clock are the test's. */
function begin() {
  const writes: string[] = [];
  const later: (() => void)[] = [];
  const state = { takes: true, pending: 0, now: 0, clock: 0 };
  const channel: Partial<Channel> = {
    write(text, bytes, after) {
      const size = bytes === undefined ? "" : `<${bytes.length}>`;
      writes.push(
        text.length > 100 ? `${text.length}` : `${text}${size}${after ?? ""}`,
      );
      return state.takes;
    },
    pending: () => state.pending,
  };
  const soon = (run: () => void) => void later.push(run);
  const one = new Output(channel as Channel, {
    now: () => state.now,
    clock: () => state.clock,
    soon,
    turns: new Turns(soon),
  });
  return { one, writes, state, turn: () => later.shift()?.() };
}

output("text is written at once, with what was kept before it", () => {
  const { one, writes } = begin();
  one.add("a");
  one.write("b");
  one.add("c");
  one.write("d", new Uint8Array(3), "e");
  one.flush();
  assert.equal(writes, ["ab", "cd<3>e"]);
  assert.is(one.writes, 2);
});

output("an output begins with nothing on its way", () => {
  const { one } = begin();
  assert.equal(
    [one.blocked, one.closed, one.gathers, one.busy],
    [false, false, false, false],
  );
});

output("it is busy as long as a byte is on its way", () => {
  const { one, state } = begin();
  state.takes = false;
  one.write("a");
  assert.is(one.busy, true, "the client takes less than there is");
  one.move();
  assert.is(one.busy, false);
  state.pending = 1;
  one.isStuck(0, 0);
  assert.is(one.busy, true);
  assert.is(one.isStuck(1, 1), true);
});

output("while it gathers, texts go out in one write, or with bytes", () => {
  const { one, writes } = begin();
  one.gathers = true;
  one.write("a");
  one.write("b");
  assert.equal(writes, []);
  one.write("", new Uint8Array(2));
  one.write("c");
  one.gathers = false;
  one.flush();
  assert.equal(writes, ["ab<2>", "c"]);
});

output("it gathers no more than 64 KiB", () => {
  const { one, writes } = begin();
  one.gathers = true;
  one.write("x".repeat(64 * KIB));
  assert.equal(writes, []);
  one.write("y");
  assert.equal(writes, [String(64 * KIB + 1)]);
});

output("flushSoon() writes what is kept after what is at hand", () => {
  const { one, writes, turn } = begin();
  one.flushSoon(() => one.add("later"));
  assert.equal(writes, []);
  turn();
  assert.equal(writes, ["later"]);
});

output("writeAll() writes and counts pieces of 256 KiB", async () => {
  const { one, writes } = begin();
  const observed = { bytes: 1 };
  await one.writeAll(new Uint8Array(600 * KIB), observed);
  assert.equal(writes, [`<${256 * KIB}>`, `<${256 * KIB}>`, `<${88 * KIB}>`]);
  assert.is(observed.bytes, 600 * KIB + 1);
  await one.writeAll(new Uint8Array(5));
  assert.is(writes.length, 4);
  await one.writeAll(new Uint8Array(512 * KIB));
  assert.is(writes.length, 6, "the last is no empty one");
  assert.equal(
    [256 * KIB, 256 * KIB + 1].map((size) =>
      Output.isLarge(new Uint8Array(size))
    ),
    [false, true],
  );
});

output("writeAll() waits for a slow client, and ends with it", async () => {
  for (const left of [false, true]) {
    const { one, writes, state } = begin();
    state.takes = false;
    const done = one.writeAll(new Uint8Array(600 * KIB));
    await settle();
    assert.is(writes.length, 1);
    assert.is(one.blocked, true);
    state.takes = true;
    if (left) one.close();
    else one.move();
    await done;
    assert.is(writes.length, left ? 1 : 3);
    assert.equal([one.blocked, one.closed], [false, left]);
  }
});

output("what goes on for long leaves others their turn", async () => {
  const { one, state, turn } = begin();
  state.clock = 100;
  one.begin();
  state.clock += SLICE_MS - 1;
  assert.is(one.pause(), undefined);
  state.clock++;
  let on = false;
  const pause = one.pause()?.then(() => on = true);
  assert.ok(pause !== undefined, "its time is over");
  await settle();
  assert.is(on, false);
  turn();
  await pause;
  assert.is(one.pause(), undefined, "a slice of its own");
  state.clock += SLICE_MS;
  one.close();
  assert.is(one.pause(), undefined, "there is nobody to wait for");
});

output("a slice begins when a slow client has taken all", async () => {
  const { one, state } = begin();
  state.takes = false;
  one.write("a");
  const pause = one.pause();
  state.clock = 1000;
  one.move();
  await pause;
  assert.is(one.pause(), undefined);
});

output("isOut is true where nothing reads what was written", () => {
  const { one, state } = begin();
  assert.is(one.isOut, true);
  one.add("a");
  assert.is(one.isOut, false);
  one.flush();
  state.pending = 1;
  assert.is(one.isOut, false);
  state.pending = 0;
  assert.is(one.isOut, true);
  state.takes = false;
  one.write("b");
  assert.is(one.isOut, false);
  one.move();
  assert.is(one.isOut, true);
  one.close();
  assert.is(one.isOut, false);
});

output("isStuck() is true where nothing was taken for so long", () => {
  const { one, state } = begin();
  assert.is(one.isStuck(10_000, 1000), false, "nothing was written");
  state.now = 10_000;
  state.takes = false;
  state.pending = 100;
  one.write("a");
  assert.is(one.busy, true);
  assert.is(one.isStuck(10_999, 1000), false);
  assert.is(one.isStuck(11_000, 1000), true);
  assert.is(one.isStuck(11_000, 0), false, "it is no limit");
  state.pending = 99;
  assert.is(one.isStuck(11_000, 1000), false, "it took a little");
  assert.is(one.isStuck(11_999, 1000), false);
  assert.is(one.isStuck(12_000, 1000), true);
  state.pending = 0;
  one.move();
  assert.is(one.isStuck(13_000, 1000), false);
  assert.is(one.busy, false);
});

output("what a client takes before the first look counts", () => {
  const { one, state } = begin();
  state.takes = false;
  state.pending = 100;
  one.write("a");
  state.pending = 90;
  assert.is(one.isStuck(5000, 1000), false);
  assert.is(one.isStuck(5999, 1000), false);
  assert.is(one.isStuck(6000, 1000), true);
});

output("what the runtime holds for a client counts from its first look", () => {
  const { one, state } = begin();
  one.write("a");
  state.pending = 10;
  assert.is(one.isStuck(5000, 1000), false);
  assert.is(one.busy, true);
  assert.is(one.isStuck(5999, 1000), false);
  assert.is(one.isStuck(6000, 1000), true);
});

output("a client that is blocked is so since the first write", () => {
  const { one, state } = begin();
  state.takes = false;
  state.pending = 10;
  one.write("a");
  state.now = 900;
  one.write("b");
  assert.is(one.isStuck(1000, 1000), true);
});

output("Turns gives one waiter each turn, in order", async () => {
  const later: (() => void)[] = [];
  const turns = new Turns((run) => void later.push(run));
  const went: number[] = [];
  for (const at of [1, 2]) void turns.next().then(() => went.push(at));
  assert.is(later.length, 1);
  later.shift()?.();
  await settle();
  assert.equal([went, later.length], [[1], 1]);
  later.shift()?.();
  await settle();
  assert.equal([went, later.length], [[1, 2], 0]);
  void turns.next();
  assert.is(later.length, 1);
});

output.run();
