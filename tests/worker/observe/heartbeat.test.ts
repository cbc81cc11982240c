import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { readFlightRecord } from "../../../src/exchange/flight-record.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import type { BeatMessage } from "../../../src/protocol/messages.ts";
import { startHeartbeat } from "../../../src/worker/observe/heartbeat.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const heartbeat = suite("heartbeat");

/** A worker's heart; `times` are those of its beats. */
function start(idleMs = 1000, look?: string) {
  const clock = new FakeClock();
  const inflight = new Inflight(() => clock.now());
  const beats: BeatMessage[] = [];
  const times: number[] = [];
  const late: number[] = [];
  const watched: object[] = [];
  const heart = startHeartbeat({
    clock,
    inflight,
    idleMs,
    send(beat) {
      beats.push(beat);
      times.push(clock.passed());
    },
    onLate: (ms) => late.push(ms),
    watch(beat) {
      watched.push(beat);
      return look;
    },
  });
  return {
    clock,
    inflight,
    beats,
    times,
    late,
    watched,
    heart,
    /** What the gateway does when a request opens. */
    open() {
      if (inflight.open++ === 0) heart.busy();
      inflight.requests++;
    },
    end() {
      inflight.open--;
    },
  };
}

heartbeat("an idle worker beats once a second", () => {
  const { clock, times, beats } = start();
  clock.pass(3500);
  assert.equal(times, [1000, 2000, 3000]);
  assert.equal(beats[0], {
    type: "beat",
    requests: 0,
    open: 0,
    busy: false,
  });
});

heartbeat("an idle worker beats as often as its timeout asks for", () => {
  const { clock, times } = start(250);
  clock.pass(1000);
  assert.equal(times, [250, 500, 750, 1000]);
});

heartbeat("busy() beats at once, and every 250 ms with all others", () => {
  const { clock, times, beats, open } = start();
  clock.pass(10);
  open();
  clock.pass(1000);
  assert.equal(times, [10, 250, 500, 750, 1000]);
  assert.ok(beats.every(({ busy }) => busy));
  assert.equal(beats.map((beat) => beat.open), [1, 1, 1, 1, 1]);
});

heartbeat("a late beat tells how long the loop was blocked", () => {
  const { clock, beats, open, end } = start();
  const last = () => beats.at(-1)?.blockedMs;
  // By the only request since it was idle: from its begin on.
  clock.pass(900);
  open();
  clock.block(1400);
  clock.pass(0);
  assert.is(last(), 1400);
  end();
  // By one of several: from when the beat was due.
  clock.pass(200);
  assert.is(last(), undefined);
  clock.pass(100);
  open();
  end();
  clock.block(2000);
  clock.pass(0);
  assert.ok(last()! > 1700 && last()! <= 2000, `${last()}`);
});

heartbeat("a beat is late from a tenth of a second on", () => {
  const { clock, beats } = start();
  for (const [ms, late] of [[1099, undefined], [1100, 100]] as const) {
    clock.block(ms - clock.passed() % 1000);
    clock.pass(0);
    assert.is(beats.at(-1)?.blockedMs, late);
    clock.pass(2000 - clock.passed() % 1000);
  }
});

heartbeat("a request behind others blocks from the beat that was due", () => {
  const { clock, beats, open } = start();
  open();
  clock.pass(300);
  open();
  clock.block(1000);
  clock.pass(0);
  assert.is(beats.at(-1)?.blockedMs, 800);
});

heartbeat("each beat is watched, and what was seen goes with it", () => {
  const { clock, beats, watched, open } = start(1000, "render (a.ts:1)");
  open();
  assert.equal(beats, [{
    ...{ type: "beat", requests: 0, open: 1, busy: true },
    look: "render (a.ts:1)",
  }]);
  clock.block(1000);
  clock.pass(0);
  assert.is(beats[1]?.look, "render (a.ts:1)");
  assert.equal(watched, [
    { busy: true, late: false },
    { busy: true, late: true },
  ]);
});

heartbeat("busy() beats at most once in 250 ms", () => {
  const { clock, times, open, end } = start();
  for (let round = 0; round < 100; round++) {
    open();
    end();
    clock.pass(10);
  }
  assert.equal(times, [0, 250, 500, 750, 1000]);
});

heartbeat("a worker says when it has come to rest", () => {
  const { clock, times, beats, open, end } = start();
  open();
  end();
  clock.pass(2000);
  assert.equal(times, [0, 250, 500, 1000, 2000]);
  assert.equal(beats.map(({ busy }) => busy), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(beats.map(({ requests }) => requests), [0, 1, 1, 1, 1]);
});

heartbeat("a worker at rest beats at once for the next request", () => {
  const { clock, times, open, end } = start();
  open();
  end();
  clock.pass(600);
  open();
  assert.equal(times, [0, 250, 500, 600]);
});

heartbeat("a long request keeps a worker busy to its end", () => {
  const { clock, beats, open, end } = start();
  open();
  clock.pass(1000);
  assert.ok(beats.every(({ busy }) => busy));
  end();
  clock.pass(500);
  assert.equal(beats.slice(-1).map(({ busy, open }) => [busy, open]), [
    [false, 0],
  ]);
});

heartbeat("a beat stands in the flight record", () => {
  const { clock, inflight, open } = start();
  clock.pass(400);
  const slow = { method: "GET", url: "/slow" };
  inflight.defer(inflight.begin(slow), slow);
  inflight.leave();
  open();
  clock.pass(250);
  assert.equal(readFlightRecord(inflight.recorder.copy())?.waiting, [
    { method: "GET", path: "/slow", ms: 100 },
  ]);
});

heartbeat("a busy worker beats as often as its timeout asks for", () => {
  const { clock, times, open } = start(100);
  open();
  clock.pass(300);
  assert.equal(times, [0, 100, 200, 300]);
});

heartbeat("workers that start at any time beat at the same moments", () => {
  const clock = new FakeClock();
  const inflight = new Inflight(() => clock.now());
  const times: number[] = [];
  for (let worker = 0; worker < 4; worker++) {
    startHeartbeat({
      ...{ clock, inflight, idleMs: 1000 },
      send: () => void times.push(clock.passed()),
    });
    clock.pass(333);
  }
  clock.pass(1000);
  assert.equal(times, [1000, 1000, 1000, 2000, 2000, 2000, 2000]);
});

heartbeat("a timer that comes early brings no second beat at once", () => {
  const { clock, times, open } = start();
  clock.pass(245);
  open();
  clock.pass(500);
  assert.equal(times, [245, 500]);
});

heartbeat("a beat that comes late tells how late", () => {
  const { clock, late, open } = start();
  open();
  clock.block(1200);
  clock.pass(0);
  assert.equal(late, [950]);
  clock.pass(500);
  assert.equal(late, [950, 0, 0]);
});

heartbeat("close() ends it", () => {
  const { clock, times, heart } = start();
  heart.close();
  clock.pass(5000);
  assert.equal(times, []);
  assert.equal(clock.due(), []);
});

heartbeat("one timer stands at any time", () => {
  const { clock, open, end } = start();
  for (let round = 0; round < 50; round++) {
    open();
    clock.pass(7);
    end();
    clock.pass(round % 10 === 0 ? 100 : 3);
    assert.is(clock.due().length, 1);
  }
});

heartbeat.run();
