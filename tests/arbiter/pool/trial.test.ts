import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Canary, Child } from "../../../src/arbiter/pool/state.ts";
import { canaryOf } from "../../../src/arbiter/pool/trial.ts";
import { driveReady } from "./drive.ts";
import type { Driven } from "./drive.ts";

const CANARY: Canary = { forMs: 30_000, thin: "go" };
const NONE = { requests: 0, failures: 0 };
const WELL = { requests: 1000, failures: 1 };
const ILL = { requests: 1000, failures: 100 };

/** Three workers, and a canary that is ready. */
function trial(canary: Partial<Canary> = {}): Driven {
  const pool = driveReady({ wanted: 3, limits: { silenceMs: 0 } });
  pool.rollOut({ canary: { ...CANARY, ...canary } });
  pool.ready(4);
  return pool;
}

const canary = suite("a canary");

canary("serves beside all of before, and alone of its generation", () => {
  const pool = driveReady({ wanted: 3, limits: { silenceMs: 0 } });
  assert.equal(pool.rollOut({ canary: CANARY }), ["spawn 4 in 1 of 2"]);
  assert.equal(pool.ready(4), []);
  assert.equal(pool.about(), ["ready", "canary"]);
  assert.is(
    pool.lastText(),
    "Worker 1 (pid 77) is the canary: judged for 30.0 s before others follow",
  );
  assert.is(canaryOf(pool.state)?.age, 4);
  assert.equal(pool.wait(600_000), []);
  assert.is(pool.state.generation, 1);
});

canary("lets the others follow once it was good for its time", () => {
  const pool = trial();
  pool.wait(29_999);
  assert.equal(pool.step({ type: "answers", old: WELL, fresh: WELL }), []);
  pool.now++;
  assert.equal(
    pool.step({ type: "answers", old: WELL, fresh: WELL }),
    ["drain 1", "spawn 5 in 2 of 2"],
  );
  assert.equal(pool.about(), ["canary-passed"]);
  assert.match(
    pool.lastText() ?? "",
    /^Worker 1 \(pid 77\) was a good canary: of/,
  );
  assert.equal(pool.ready(5), ["drain 2", "spawn 6 in 3 of 2"]);
  assert.equal(pool.ready(6), ["drain 3"]);
  assert.is(pool.state.generation, 2);
});

canary("is warned of where it is slower, and the others follow", () => {
  const pool = trial();
  pool.wait(30_000);
  const old = { ...WELL, p99Ms: 40.4 };
  const fresh = { ...WELL, p99Ms: 400 };
  assert.equal(
    pool.step({ type: "answers", old, fresh }),
    ["drain 1", "spawn 5 in 2 of 2"],
  );
  assert.match(
    pool.lastText() ?? "",
    /^Worker 1 \(pid 77\) was a good canary: .*; but it is slower: 99 % of its answers took up to 400 ms, of the others' up to 40 ms; the others follow$/,
  );
});

for (
  const [what, old, fresh] of [
    ["three times as long", 100, 300],
    ["no longer than 50 ms", 1, 50],
    ["not known of it", 1, undefined],
    ["not known of the others", undefined, 1000],
  ] as const
) {
  canary(`is not said to be slower where its p99 is ${what}`, () => {
    const pool = trial();
    pool.wait(30_000);
    pool.step({
      type: "answers",
      old: { ...WELL, p99Ms: old },
      fresh: { ...WELL, p99Ms: fresh },
    });
    assert.equal(pool.about(), ["canary-passed"]);
    assert.not.match(pool.lastText() ?? "", /slower/);
  });
}

canary("is rolled back where it fails more often", () => {
  const pool = trial();
  assert.equal(
    pool.step({ type: "answers", old: WELL, fresh: ILL }),
    ["drain 4"],
  );
  assert.equal(pool.about(), ["rollout-failed"]);
  assert.is(
    pool.lastText(),
    "Reload failed: generation 1 serves on; generation 2 given up after 0 ms: " +
      "Worker 1 (pid 77) was rolled back as a canary: " +
      "of its answers 100 of 1000 (10 %), of the others' 1 of 1000 (0.10 %) failed",
  );
  assert.equal(pool.exit(4), []);
  assert.is(pool.children(), "1/1:ready 2/2:ready 3/3:ready");
  assert.is(pool.state.rollout, undefined);
});

canary("is rolled back at once where it crashes, however late", () => {
  const pool = trial();
  pool.wait(20_000);
  assert.equal(pool.exit(4, { code: 1 }), []);
  assert.equal(pool.about(), ["crash", "rollout-failed"]);
  assert.is(
    pool.lastText(),
    "Reload failed: generation 1 serves on; generation 2 given up after 20.0 s: Worker 1 (pid 77) exited with code 1",
  );
  assert.is(pool.children(), "1/1:ready 2/2:ready 3/3:ready");
});

canary("is rolled back where it must be replaced", () => {
  for (const [failure, now] of [[true, false], [false, true]]) {
    const pool = trial();
    assert.equal(pool.recycle(4, failure, now), ["drain 4"]);
    assert.equal(pool.about(), ["recycle", "rollout-failed"]);
    assert.match(
      pool.lastText() ?? "",
      /: it had to be replaced: 10 requests$/,
    );
  }
});

canary("is rolled back where it blocks, unless others do too", () => {
  for (const others of [false, true]) {
    const pool = trial();
    pool.beat(4, true);
    pool.beat(2, others);
    pool.now += 1999;
    pool.step({ type: "tick" });
    assert.equal(pool.step({ type: "answers", old: NONE, fresh: NONE }), []);
    pool.now++;
    const orders = pool.step({ type: "answers", old: NONE, fresh: NONE });
    assert.equal(orders, others ? [] : ["drain 4"]);
  }
});

canary("is not good because it was killed before it was judged", () => {
  const pool = driveReady({ wanted: 2, limits: { silenceMs: 1000 } });
  const others = () => {
    pool.beat(1);
    pool.beat(2);
  };
  pool.rollOut({ canary: { ...CANARY, forMs: 1500 } });
  pool.ready(3);
  // It says nothing more, is aborted after a second and killed after two.
  for (let ms = 0; ms < 2500; ms += 500) {
    pool.wait(500);
    others();
  }
  assert.ok(pool.state.children.some(({ age, killed }) => age === 3 && killed));
  assert.is(canaryOf(pool.state), undefined);
  assert.equal(pool.step({ type: "answers", old: WELL, fresh: NONE }), []);
  assert.is(pool.state.rollout?.canary?.forMs, 1500);
  pool.exit(3, { signal: "SIGKILL" });
  assert.ok(pool.about().includes("rollout-failed"));
  assert.is(pool.children(), "1/1:ready 2/2:ready");
});

canary(
  "is followed where too few requests came, unless that is to stop it",
  () => {
    const go = trial();
    go.wait(30_000);
    assert.equal(
      go.step({ type: "answers", old: WELL, fresh: NONE }),
      ["drain 1", "spawn 5 in 2 of 2"],
    );
    assert.is(
      go.lastText(),
      "Worker 1 (pid 77) was a canary, and there were too few requests to tell: 0 by it and 1000 by the others; the others follow",
    );
    const stop = trial({ thin: "stop" });
    stop.wait(30_000);
    assert.equal(
      stop.step({ type: "answers", old: WELL, fresh: NONE }),
      ["drain 4"],
    );
    assert.match(
      stop.lastText() ?? "",
      / as a canary: too few requests to tell: 0 by/,
    );
  },
);

canary("makes way at once for another reload", () => {
  const pool = trial();
  assert.equal(pool.step({ type: "reload" }), ["drain 4", "reload"]);
  assert.equal(pool.about(), ["rollout-superseded"]);
  assert.equal(pool.rollOut({ canary: CANARY }), ["spawn 5 in 1 of 3"]);
});

canary("takes nothing from the pool that serves", () => {
  const pool = trial();
  assert.equal(pool.exit(2, { code: 1 }), ["spawn 5 in 2 of 1"]);
  assert.equal(pool.ready(5), []);
  assert.equal(pool.exit(1, { code: 1 }), []);
  assert.equal(pool.wait(5000), [], "the canary has its slot meanwhile");
  assert.equal(
    pool.step({ type: "answers", old: WELL, fresh: ILL }),
    ["drain 4", "spawn 6 in 1 of 1"],
  );
});

canary("is judged in a pool of one, too", () => {
  const pool = driveReady({ wanted: 1, limits: { silenceMs: 0 } });
  pool.rollOut({ canary: CANARY });
  assert.equal(pool.ready(2), []);
  assert.is(pool.state.generation, 1);
  pool.wait(30_000);
  assert.equal(
    pool.step({ type: "answers", old: WELL, fresh: WELL }),
    ["drain 1"],
  );
  assert.is(pool.state.generation, 2);
});

canary("is no news once the pool stops", () => {
  const pool = trial();
  pool.step({ type: "stop", mode: "graceful" });
  pool.step({ type: "answers", old: WELL, fresh: ILL });
  assert.equal(pool.notes, []);
  const child = pool.state.children.at(-1) as Child;
  assert.is(child.phase, "draining");
});

canary.run();
