import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { Backlog } from "../../src/outbox/backlog.ts";

const backlog = suite("Backlog");

const bytes = (size: number, fill = 0) => new Uint8Array(size).fill(fill);

backlog(
  "push() refuses what there is no room for, with what a message costs",
  () => {
    const waiting = new Backlog(200);
    assert.ok(waiting.push(bytes(36)));
    assert.ok(waiting.push(bytes(36)));
    assert.not.ok(waiting.push(bytes(0)));
    assert.is(waiting.count, 2);
    waiting.drop(1);
    assert.ok(waiting.push(bytes(36)), "as much room as before");
    assert.not.ok(waiting.push(bytes(0)));
  },
);

backlog(
  "drop() gives the room of what is gone back, however much it was",
  () => {
    const waiting = new Backlog(1000 * 65);
    let sent = 0;
    for (let round = 0; round < 50; round++) {
      while (waiting.push(bytes(1, sent + waiting.count))) continue;
      assert.is(waiting.count, 1000);
      // A rest stays each time, so that it never begins anew.
      for (let count = 0; count < 900; count++) {
        assert.is(waiting.first().bytes[0], sent & 0xff, `message ${sent}`);
        waiting.drop(1);
        sent++;
      }
      assert.is(waiting.count, 100);
    }
  },
);

backlog("drop() lets go of what is gone", () => {
  const waiting = new Backlog(1e9);
  const kept = () => waiting.held;
  for (let sent = 0; sent < 10_000; sent++) {
    waiting.push(bytes(1));
    waiting.push(bytes(1));
    waiting.drop(1);
    assert.ok(kept() - waiting.count <= 1024, `${kept()} of ${waiting.count}`);
  }
});

backlog("piece() takes 64 KiB at once, and one message that is larger", () => {
  const waiting = new Backlog(1e9);
  for (const size of [40_000, 25_536, 1, 100_000, 5]) waiting.push(bytes(size));
  const sizes: [number, number][] = [];
  while (waiting.count > 0 && sizes.length < 9) {
    const { bytes, count } = waiting.piece((message) => message);
    sizes.push([bytes.length, count]);
    waiting.drop(count);
  }
  assert.equal(sizes, [[65_536, 2], [1, 1], [100_000, 1], [5, 1]]);
});

backlog("piece() has each message as it is framed, in order", () => {
  const waiting = new Backlog(1e6);
  for (const one of [1, 2, 3]) waiting.push(bytes(2, one));
  const frame = (message: Uint8Array) => Uint8Array.of(9, ...message);
  assert.equal(waiting.first(), { bytes: bytes(2, 1), count: 1 });
  assert.equal([...waiting.piece(frame).bytes], [9, 1, 1, 9, 2, 2, 9, 3, 3]);
  waiting.drop(1);
  assert.equal([...waiting.piece(frame).bytes], [9, 2, 2, 9, 3, 3]);
  waiting.drop(2);
  assert.equal([waiting.count, waiting.held], [0, 0], "nothing is kept");
});

backlog.run();
