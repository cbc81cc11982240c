import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { UNUSED_MS } from "../../../src/base/http/connection-limits.ts";
import { HeadTime } from "../../../src/http/connection/head-time.ts";
import type { Host } from "../../../src/http/connection/host.ts";

const headTime = suite("HeadTime");

const LOOK_MS = 100;

/** A connection that is looked at every 100 ms. */
function start({ keepAliveMs = 2000, headerMs = 30_000 } = {}) {
  let now = 0;
  const host = {
    now: () => now,
    draining: false,
    keepAliveMs,
    limits: { headerMs },
  };
  const time = new HeadTime(host as unknown as Host);
  return {
    time,
    host,
    /** What is over after so much time, and when; undefined where nothing is. */
    pass(ms: number, given: Partial<Parameters<HeadTime["overdue"]>[1]> = {}) {
      for (const end = now + ms; now < end;) {
        now += LOOK_MS;
        const what = time.overdue(now, {
          ...{ underway: false, busy: false, shaking: false },
          ...given,
        });
        if (what !== undefined) return [what, now];
      }
      return undefined;
    },
  };
}

headTime(
  "a head that is not here in its time is told, to the last byte",
  () => {
    const { time, pass } = start({ headerMs: 5000 });
    time.used = true;
    assert.equal(pass(6000, { underway: true }), ["head", 5000]);
    const unlimited = start({ headerMs: 0 });
    assert.is(unlimited.pass(600_000, { underway: true }), undefined);
  },
);

headTime(
  "an idle connection is over at the second look that finds it so",
  () => {
    const { time, pass } = start();
    time.used = true;
    assert.equal(pass(3000), ["idle", 2000 + LOOK_MS]);
  },
);

headTime("a client is not idle while its last answer is on its way", () => {
  const { time, pass } = start();
  time.used = true;
  assert.is(pass(10_000, { busy: true }), undefined);
  assert.equal(pass(3000), ["idle", 12_000 + LOOK_MS]);
});

headTime(
  "one that was never used has the time of a head, and less in a drain",
  () => {
    const { pass, host } = start({ keepAliveMs: 100 });
    assert.is(pass(29_000), undefined);
    host.draining = true;
    assert.equal(pass(1000), ["idle", 29_200]);
  },
);

headTime(
  "in a drain a handshake has that time, and again once it is over",
  () => {
    const slow = start({ keepAliveMs: 100 });
    slow.pass(10_000, { shaking: true });
    slow.host.draining = true;
    const first = 10_000 + LOOK_MS;
    assert.equal(slow.pass(60_000, { shaking: true }), [
      "idle",
      first + UNUSED_MS + LOOK_MS,
    ]);
    const quick = start({ keepAliveMs: 100 });
    quick.pass(10_000, { shaking: true });
    quick.host.draining = true;
    assert.is(quick.pass(UNUSED_MS, { shaking: true }), undefined);
    const over = 10_000 + UNUSED_MS + LOOK_MS;
    assert.equal(quick.pass(60_000), ["idle", over + UNUSED_MS + LOOK_MS]);
  },
);

headTime.run();
