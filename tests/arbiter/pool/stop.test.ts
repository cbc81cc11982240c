import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { nextDeadline } from "../../../src/arbiter/pool/health.ts";
import { drive, driveReady } from "./drive.ts";

const stop = suite("stop");

const graceful = { type: "stop", mode: "graceful" } as const;
const quick = { type: "stop", mode: "quick" } as const;

/** Whether those that are to end are told so by no signal, which stops a boot in its midst. */
function gently({ state }: ReturnType<typeof drive>): boolean[] {
  return state.actions.flatMap((action) =>
    action.type === "quit" ? [action.gently] : []
  );
}

stop("advance() drains every worker and exits once all are gone", () => {
  const pool = driveReady();
  assert.equal(pool.step(graceful), ["drain 1", "drain 2"]);
  assert.equal(pool.exit(1), []);
  assert.equal(pool.exit(2), ["exit 0"]);
  assert.ok(pool.state.over);
});

stop("advance() tells the last workers to take what waits", () => {
  const pool = driveReady();
  const drains = () =>
    pool.state.actions.flatMap((action) =>
      action.type === "drain" ? [[action.age, action.last]] : []
    );
  pool.step({ type: "resize", by: -1 });
  assert.equal(drains(), [[2, undefined]]);
  pool.step(graceful);
  assert.equal(drains(), [[1, true]]);
});

stop("advance() ends what still boots", () => {
  const pool = drive();
  pool.ready(1);
  assert.equal(pool.step(graceful), ["drain 1", "quit 2"]);
  assert.equal(gently(pool), [true]);
});

stop("advance() lets workers accept for the drain delay", () => {
  const pool = driveReady({ limits: { drainDelayMs: 3000 } });
  assert.equal(pool.step(graceful), []);
  assert.equal(pool.wait(2999), []);
  assert.equal(pool.wait(1), ["drain 1", "drain 2"]);
});

stop("advance() replaces nobody while it stops", () => {
  const pool = driveReady({ limits: { drainDelayMs: 3000 } });
  pool.step(graceful);
  assert.equal(pool.exit(1, { code: 1 }), []);
  assert.equal(pool.recycle(2), []);
  assert.equal(pool.wait(3000), ["drain 2"]);
});

stop("advance() waits for no roll-out's end once it stops", () => {
  const pool = driveReady({ wanted: 1, limits: { drainDelayMs: 3000 } });
  pool.rollOut();
  pool.ready(2);
  const closes = nextDeadline(pool.state, pool.now);
  assert.is(closes, pool.now + 2000);
  pool.step(graceful);
  assert.not.equal(nextDeadline(pool.state, pool.now), closes);
  pool.wait(2500);
  assert.equal(pool.about(), []);
});

stop("advance() says that a worker crashed while it stops", () => {
  const pool = driveReady({ limits: { drainDelayMs: 3000 } });
  pool.step(graceful);
  pool.exit(1, { code: 1 });
  assert.equal(pool.about(), ["crash"]);
});

stop("advance() kills who is still here after the graceful timeout", () => {
  const pool = driveReady({ limits: { silenceMs: 0, drainDelayMs: 3000 } });
  pool.step(graceful);
  pool.wait(3000);
  assert.equal(pool.wait(10_999), []);
  assert.equal(pool.wait(1), ["kill 1", "kill 2"]);
  assert.equal(pool.about(), ["overdue", "overdue"]);
});

stop("advance() stops within the time that is asked for", () => {
  const pool = driveReady({ limits: { silenceMs: 0, drainDelayMs: 3000 } });
  pool.step({ type: "stop", mode: "graceful", timeoutMs: 500 });
  assert.equal(pool.wait(3000), ["drain 1 within 500", "drain 2 within 500"]);
  assert.equal(pool.wait(1999), []);
  assert.equal(pool.wait(1), ["kill 1", "kill 2"]);
});

stop("advance() gives those that drain already no more than that", () => {
  const pool = driveReady();
  pool.step({ type: "resize", by: -1 });
  assert.equal(
    pool.step({ type: "stop", mode: "graceful", timeoutMs: 500 }),
    ["drain 2 within 500", "drain 1 within 500"],
  );
});

stop("advance() gives no drain more time than the stop has", () => {
  const pool = driveReady({
    wanted: 1,
    limits: { silenceMs: 0, gracefulMs: 60_000 },
  });
  pool.rollOut({
    limits: { ...pool.state.limits, gracefulMs: 1000 },
  });
  pool.ready(2);
  pool.step(graceful);
  pool.exit(2);
  assert.equal(pool.wait(2499), []);
  assert.equal(pool.wait(1), ["kill 1"]);
});

stop("advance() ends all at once at a quick stop, and kills after 2 s", () => {
  const pool = driveReady({ limits: { drainDelayMs: 3000 } });
  assert.equal(pool.step(quick), ["quit 1", "quit 2"]);
  pool.exit(1);
  assert.equal(pool.wait(1999), []);
  assert.equal(pool.wait(1), ["kill 2"]);
  assert.equal(pool.exit(2, { signal: "SIGKILL" }), ["exit 0"]);
});

stop("advance() ends at a quick stop who drained before", () => {
  const pool = driveReady();
  pool.step({ type: "resize", by: -1 });
  assert.equal(pool.step(quick), ["quit 1", "quit 2"]);
});

stop("advance() drains all at once at a cut, whatever the delay", () => {
  const pool = driveReady({ limits: { drainDelayMs: 3000, gracefulMs: 4000 } });
  pool.step({ type: "resize", by: -1 });
  const cut = { type: "stop", mode: "cut" } as const;
  assert.equal(pool.step(cut), ["drain 2", "drain 1"]);
  const cuts = pool.state.actions.map((action) =>
    action.type === "drain" && action.cut
  );
  assert.equal(cuts, [true, true]);
  pool.exit(1);
  assert.equal(pool.wait(4999), []);
  assert.equal(pool.wait(1), ["kill 2"]);
});

stop("advance() lets none that boots serve at a cut", () => {
  const pool = driveReady({ wanted: 1 });
  pool.step({ type: "resize", by: 1 });
  const cut = { type: "stop", mode: "cut" } as const;
  assert.equal(pool.step(cut), ["drain 1", "quit 2"]);
  assert.equal(gently(pool), [false]);
});

for (const mode of ["graceful", "cut", "quick"] as const) {
  stop(`advance() kills all at a second signal, ${mode}`, () => {
    const pool = driveReady();
    pool.step(graceful);
    assert.equal(pool.step({ type: "stop", mode }), ["kill 1", "kill 2"]);
    assert.equal(pool.step({ type: "stop", mode }), [], "once is enough");
  });
}

stop(
  "advance() kills at a second signal who boots and who drained before",
  () => {
    const pool = driveReady();
    pool.recycle(1);
    pool.ready(3);
    pool.step(quick);
    assert.equal(pool.step(quick), ["kill 1", "kill 2", "kill 3"]);
  },
);

stop("advance() exits at once where there is no worker", () => {
  const pool = driveReady({ wanted: 1 });
  pool.step({ type: "pause" });
  pool.exit(1);
  assert.equal(pool.step(graceful), ["exit 0"]);
});

stop("advance() exits with 0 even where no worker was ever ready", () => {
  const pool = drive({ wanted: 1 });
  pool.step(graceful);
  assert.equal(pool.exit(1, { code: 4 }), ["exit 0"]);
});

stop("advance() ends a roll-out", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut();
  assert.equal(pool.step(graceful), ["drain 1", "quit 2"]);
  pool.exit(1);
  assert.equal(pool.exit(2), ["exit 0"]);
});

stop("advance() forgets a reload that was to follow a roll-out", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut();
  pool.ready(3);
  assert.equal(pool.step({ type: "reload" }), []);
  assert.ok(pool.step(graceful).includes("drain 3"));
  const rest = [1, 2, 3, 4].flatMap((age) => pool.exit(age));
  assert.equal(rest, ["exit 0"]);
});

stop("advance() keeps sizes and pauses out of a stop", () => {
  const pool = driveReady({ wanted: 1 });
  pool.step(graceful);
  assert.equal(pool.step({ type: "resize", by: 1 }), []);
  pool.step({ type: "pause" });
  assert.equal(pool.about(), []);
});

stop.run();
