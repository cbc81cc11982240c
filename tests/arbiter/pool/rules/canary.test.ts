import { suite } from "../../../support/suite.ts";
import * as assert from "../../../support/assert.ts";
import {
  CANARY_RULES,
  judgeCanary,
} from "../../../../src/arbiter/pool/rules/canary.ts";
import type { CanarySample } from "../../../../src/arbiter/pool/rules/canary.ts";
import { tryCanaries } from "./canary-world.ts";
import type { Trial } from "./canary-world.ts";

const rules = { ...CANARY_RULES, forMs: 30_000 };

const well: CanarySample = {
  old: { requests: 9000, failures: 9 },
  fresh: { requests: 3000, failures: 3 },
  ageMs: 10_000,
  silentMs: 0,
};

function judge(sample: Partial<CanarySample>) {
  return judgeCanary({ ...well, ...sample }, rules);
}

const canary = suite("judgeCanary()");

canary("waits for its time", () => {
  assert.is(judge({}).verdict, "wait");
  assert.is(judge({ ageMs: 29_999 }).verdict, "wait");
});

canary("calls one good that fails no more often than the others", () => {
  assert.equal(judge({ ageMs: 30_000 }), {
    verdict: "good",
    why:
      "of its answers 3 of 3000 (0.10 %), of the others' 9 of 9000 (0.10 %) failed",
  });
});

canary("calls one bad at once that fails more often", () => {
  assert.equal(judge({ ageMs: 1000, fresh: { requests: 300, failures: 20 } }), {
    verdict: "bad",
    why:
      "of its answers 20 of 300 (6.7 %), of the others' 9 of 9000 (0.10 %) failed",
  });
});

canary("calls one bad at once that crashed", () => {
  const ended = "it exited with code 1";
  assert.equal(judge({ ended, ageMs: 0 }), { verdict: "bad", why: ended });
});

canary("calls one bad at once that blocks", () => {
  assert.is(judge({ silentMs: 1999 }).verdict, "wait");
  assert.equal(judge({ silentMs: 2000 }), {
    verdict: "bad",
    why: "its event loop is blocked for 2.0 s",
  });
});

canary("does not blame it for what fails everywhere", () => {
  const down = {
    old: { requests: 300, failures: 300 },
    fresh: { requests: 100, failures: 100 },
  };
  assert.is(judge(down).verdict, "wait");
  assert.is(judge({ ...down, ageMs: 30_000 }).verdict, "thin");
});

canary("says where the others fail so much that nothing is worse", () => {
  const down = {
    ageMs: 30_000,
    old: { requests: 3000, failures: 2990 },
    fresh: { requests: 1000, failures: 1000 },
  };
  assert.equal(judge(down), {
    verdict: "thin",
    why:
      "too few good answers to compare with: of the others' 2990 of 3000 (100 %) failed",
  });
});

canary("calls one good that mends what fails at the others", () => {
  for (const failures of [300, 150]) {
    const old = { requests: 300, failures };
    const fresh = { requests: 100, failures: 1 };
    assert.is(judge({ old, fresh }).verdict, "wait");
    assert.is(judge({ old, fresh, ageMs: 30_000 }).verdict, "good");
  }
});

canary("finds one bad where half of all fails anyway", () => {
  const old = { requests: 900, failures: 540 };
  assert.is(
    judge({ old, fresh: { requests: 100, failures: 95 } }).verdict,
    "bad",
  );
  assert.is(
    judge({ old, fresh: { requests: 300, failures: 190 }, ageMs: 30_000 })
      .verdict,
    "good",
  );
});

canary("calls one bad at once that answers nothing while others do", () => {
  const unanswered = { ms: 5000, open: 6, oldOpen: 1, oldAnswered: 500 };
  assert.equal(judge({ unanswered }), {
    verdict: "bad",
    why:
      "it has answered nothing for 5.0 s with 6 requests open, the others 500 meanwhile",
  });
  const fine = (given: Partial<typeof unanswered>, p99Ms?: number) =>
    assert.is(
      judge({
        unanswered: { ...unanswered, ...given },
        old: { ...well.old, p99Ms },
      }).verdict,
      "wait",
    );
  fine({ ms: 4999 });
  fine({ open: 4 });
  // They stand still too, or have long ones as well.
  fine({ oldAnswered: 0 });
  fine({ oldOpen: 500 });
  // Each takes a second there.
  fine({}, 1000);
});

canary("does not take a handful of failures for a fault", () => {
  const fresh = { requests: 3000, failures: 7 };
  assert.is(judge({ fresh }).verdict, "wait");
});

canary("says where too few requests came to tell", () => {
  const few = {
    ageMs: 30_000,
    old: { requests: 40, failures: 0 },
    fresh: { requests: 10, failures: 0 },
  };
  assert.equal(judge(few), {
    verdict: "thin",
    why:
      "too few requests to tell: 10 by it and 40 by the others would not show that fewer than 50 % fail",
  });
  const none = { requests: 0, failures: 0 };
  assert.equal(judge({ ...few, fresh: none }), {
    verdict: "thin",
    why: "too few requests to tell: 0 by it and 40 by the others",
  });
  assert.equal(judge({ ...few, old: none }), {
    verdict: "thin",
    why: "too few requests to tell: 10 by it and 0 by the others",
  });
});

canary.run();

const trials = suite("300 simulated canaries");

const busy = { perSecond: 400, share: 1 / 4 };
const calm = { perSecond: 40, share: 1 / 4 };

/** Chance is the same in each run. */
function run(trial: Trial) {
  return tryCanaries(trial, { trials: 300, seed: 28 });
}

for (const rate of [0, 0.001, 0.01, 0.05]) {
  trials(`are not rolled back where ${rate * 100} % fail everywhere`, () => {
    for (const share of [1 / 4, 1 / 8]) {
      const { bad } = run({ ...busy, share, old: rate, fresh: rate });
      assert.ok(bad <= 3, `${bad} of 300, share ${share}`);
    }
  });
}

trials("are not rolled back where they are watched for longer", () => {
  const { bad } = run({ ...calm, old: 0.05, fresh: 0.05, seconds: 600 });
  assert.ok(bad <= 3, `${bad} of 300`);
});

trials("are found within 10 s where 2 % fail instead of 0.1 %", () => {
  const { soon } = run({ ...busy, old: 0.001, fresh: 0.02 });
  assert.ok(soon >= 297, `${soon} of 300`);
});

trials("are found with little traffic where most fail", () => {
  const tenfold = run({ ...calm, old: 0.01, fresh: 0.1 });
  assert.ok(tenfold.bad >= 297, `${tenfold.bad} of 300`);
  const all = run({ perSecond: 4, share: 1 / 4, old: 0, fresh: 1 });
  assert.ok(all.bad >= 297, `${all.bad} of 300`);
});

trials("are not called good where little traffic hides what fails", () => {
  const { good, thin } = run({ ...calm, old: 0.01, fresh: 0.03 });
  assert.ok(good <= 3 && thin > 200, `${good} good and ${thin} thin of 300`);
});

trials.run();
