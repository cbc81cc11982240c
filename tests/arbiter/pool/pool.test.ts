import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { drive, driveReady, NO_QUEUES } from "./drive.ts";

const pool = suite("pool");

pool("advance() spawns a worker for every slot", () => {
  const driven = drive({ wanted: 3 });
  assert.equal(driven.orders, [
    "spawn 1 in 1 of 1",
    "spawn 2 in 2 of 1",
    "spawn 3 in 3 of 1",
  ]);
  assert.equal(driven.step({ type: "tick" }), []);
  assert.equal(driven.ready(1, 2, 3), []);
  assert.equal(driven.about(), ["ready"]);
});

pool(
  "advance() begins a few boots at a time, each another's end or a second after it",
  () => {
    const driven = drive({ wanted: 6, bootsAtOnce: 2 });
    assert.equal(driven.orders, ["spawn 1 in 1 of 1", "spawn 2 in 2 of 1"]);
    assert.equal(driven.wait(400), []);
    assert.equal(driven.ready(1), ["spawn 3 in 3 of 1"]);
    // Worker 2 waits for something else than a processor.
    assert.equal(driven.wait(599), []);
    assert.equal(driven.wait(1), ["spawn 4 in 4 of 1"]);
    assert.equal(driven.wait(399), []);
    assert.equal(driven.exit(4, { code: 1 }), ["spawn 5 in 4 of 1"]);
    assert.equal(driven.step({ type: "stop", mode: "cut" }), [
      ...["drain 1", "quit 2", "quit 3", "quit 5"],
    ]);
  },
);

pool("advance() tells how long a boot took", () => {
  const driven = drive({ wanted: 1 });
  driven.at(321);
  driven.ready(1);
  const [note] = driven.notes;
  assert.is(note?.about === "ready" && note.tookMs, 321);
});

pool("advance() gives a dead worker's slot to the next one, at once", () => {
  const driven = driveReady({ wanted: 3 });
  assert.equal(driven.exit(2, { signal: "SIGSEGV" }), ["spawn 4 in 2 of 1"]);
  assert.equal(driven.about(), ["crash"]);
  assert.is(driven.children(), "1/1:ready 3/3:ready 2/4:booting");
});

pool("advance() waits longer after each failure in a row", () => {
  const driven = driveReady({ wanted: 1 });
  assert.equal(driven.exit(1, { code: 1 }), ["spawn 2 in 1 of 1"]);
  assert.equal(driven.exit(2, { code: 1 }), []);
  assert.equal(driven.about(), ["boot-failed"]);
  assert.equal(driven.wait(249), []);
  assert.equal(driven.wait(1), ["spawn 3 in 1 of 1"]);
  driven.ready(3);
  assert.equal(driven.exit(3, { code: 1 }), []);
  assert.equal(driven.wait(499), []);
  assert.equal(driven.wait(1), ["spawn 4 in 1 of 1"]);
});

pool(
  "advance() forgets failures once a worker has served for 10 seconds",
  () => {
    const driven = driveReady({ wanted: 1 });
    driven.exit(1, { code: 1 });
    driven.exit(2, { code: 1 });
    driven.wait(250);
    driven.ready(3);
    driven.wait(10_000);
    assert.equal(driven.exit(3, { code: 1 }), ["spawn 4 in 1 of 1"]);
  },
);

pool("advance() lets one slot's failures delay no other slot", () => {
  const driven = driveReady();
  driven.exit(1, { code: 1 });
  driven.exit(3, { code: 1 });
  assert.equal(driven.exit(2, { code: 1 }), ["spawn 4 in 2 of 1"]);
});

pool("advance() never stops a pool that was once ready", () => {
  const driven = driveReady({ wanted: 1 });
  let age = 1;
  for (let failure = 0; failure < 50; failure++) {
    driven.exit(age++, { code: 4 });
    driven.wait(40_000);
  }
  assert.is(driven.children(), "1/51:booting");
});

pool(
  "advance() ends with the first generation's code once all are gone",
  () => {
    const driven = drive({ wanted: 3 });
    assert.equal(driven.exit(2, { code: 4 }), []);
    assert.equal(driven.wait(1000), [], "no second try");
    assert.equal(driven.exit(1, { code: 3 }), []);
    assert.equal(driven.exit(3, { code: 4 }), ["exit 4"]);
    assert.ok(driven.state.over);
    assert.equal(driven.step({ type: "tick" }), []);
  },
);

const codes = [
  { exit: { code: 4 }, code: 4 },
  { exit: { code: 1 }, code: 1 },
  { exit: { code: 0 }, code: 3 },
  { exit: { signal: "SIGKILL" }, code: 3 },
  { exit: { signal: "SIGSEGV", failure: 4 }, code: 4 },
  { exit: { error: new Error("ENOENT") }, code: 3 },
];
for (const { exit, code } of codes) {
  const how = JSON.stringify({ ...exit, error: exit.error?.message });
  pool(
    `advance() ends with ${code} where the only worker ends by ${how}`,
    () => {
      assert.equal(drive({ wanted: 1 }).exit(1, exit), [`exit ${code}`]);
    },
  );
}

pool("advance() goes on when one of the first generation becomes ready", () => {
  const driven = drive();
  driven.exit(1, { code: 4 });
  assert.equal(driven.ready(2), ["spawn 3 in 1 of 1"]);
});

pool("advance() boots the replacement before a worker drains", () => {
  const driven = driveReady();
  assert.equal(driven.recycle(1), ["spawn 3 in 1 of 1"]);
  assert.equal(driven.about(), ["recycle"]);
  assert.equal(driven.recycle(1), [], "once is enough");
  assert.equal(driven.ready(3), ["drain 1"]);
  assert.equal(driven.exit(1), []);
  assert.equal(driven.about(), ["left"]);
  assert.is(driven.children(), "2/2:ready 1/3:ready");
});

pool("advance() lets go at once of who cannot wait", () => {
  const driven = driveReady();
  assert.equal(driven.recycle(1, true, true), ["drain 1", "spawn 3 in 1 of 1"]);
  assert.equal(driven.recycle(1, true, true), [], "once is enough");
});

pool("advance() lets go of who waits for its replacement already", () => {
  const driven = driveReady({ wanted: 1 });
  assert.equal(driven.recycle(1), ["spawn 2 in 1 of 1"]);
  assert.equal(driven.recycle(1, true, true), ["drain 1"]);
});

pool("advance() recycles one at a time", () => {
  const driven = driveReady({ wanted: 3 });
  assert.equal(driven.recycle(1), ["spawn 4 in 1 of 1"]);
  assert.equal(driven.recycle(2), []);
  assert.equal(driven.recycle(3), []);
  assert.equal(driven.ready(4), ["drain 1", "spawn 5 in 2 of 1"]);
  assert.equal(driven.ready(5), ["drain 2", "spawn 6 in 3 of 1"]);
  assert.equal(driven.ready(6), ["drain 3"]);
});

pool("advance() recycles as many at a time as the surge allows", () => {
  const driven = driveReady({ wanted: 3, surge: 2 });
  driven.recycle(1);
  assert.equal(driven.recycle(2), ["spawn 5 in 2 of 1"]);
  assert.equal(driven.recycle(3), []);
});

pool("advance() keeps a worker while its replacement cannot boot", () => {
  const driven = driveReady({ wanted: 1 });
  driven.recycle(1);
  assert.equal(driven.exit(2, { code: 4 }), ["spawn 3 in 1 of 1"]);
  assert.equal(driven.exit(3, { code: 4 }), []);
  assert.equal(driven.wait(250), ["spawn 4 in 1 of 1"]);
  assert.is(driven.children(), "1/1:ready 1/4:booting");
});

pool("advance() starts one worker a second where each dies at once", () => {
  const driven = drive({ wanted: 4 });
  /** When each worker was started, by its age. */
  const started = new Map<number, number>();
  for (; driven.passed() < 60_000; driven.wait(10)) {
    for (const { age, slot, phase } of driven.state.children) {
      const at = started.get(age) ?? driven.passed();
      started.set(age, at);
      // A hundred milliseconds to boot, fifty to live.
      if (phase === "ready") {
        if (driven.passed() - at >= 150 + 10 * slot) {
          driven.exit(age, { code: 1 });
        }
      } else if (driven.passed() - at >= 100 + 10 * slot) driven.ready(age);
    }
  }
  const late = [...started.values()].filter((at) => at > 30_000).length;
  assert.ok(late >= 20 && late <= 35, `${late} starts in 30 s`);
});

pool("advance() counts a recycle after an error as a failure", () => {
  const driven = driveReady({ wanted: 1 });
  assert.equal(driven.recycle(1, true), ["spawn 2 in 1 of 1"]);
  driven.ready(2);
  assert.equal(driven.recycle(2, true), []);
  assert.equal(driven.wait(250), ["spawn 3 in 1 of 1"]);
});

pool(
  "advance() replaces a worker that dies while its replacement boots",
  () => {
    const driven = driveReady({ wanted: 1 });
    driven.recycle(1);
    assert.equal(driven.exit(1, { code: 1 }), []);
    assert.equal(driven.ready(2), []);
    assert.is(driven.children(), "1/2:ready");
  },
);

pool("advance() grows by one slot at TTIN", () => {
  const driven = driveReady();
  assert.equal(driven.step({ type: "resize", by: 1 }), ["spawn 3 in 3 of 1"]);
  assert.equal(driven.about(), ["resized"]);
});

pool("advance() drains the highest slot at TTOU", () => {
  const driven = driveReady({ wanted: 3 });
  assert.equal(driven.step({ type: "resize", by: -1 }), ["drain 3"]);
  assert.equal(driven.step({ type: "resize", by: -1 }), ["drain 2"]);
});

pool("advance() scales to a number of workers", () => {
  const driven = driveReady({ wanted: 1 });
  assert.equal(driven.step({ type: "scale", to: 3 }), [
    "spawn 2 in 2 of 1",
    "spawn 3 in 3 of 1",
  ]);
  assert.equal(driven.step({ type: "scale", to: 1 }), ["quit 2", "quit 3"]);
  assert.is(driven.state.wanted, 1);
  assert.equal(driven.step({ type: "scale", to: 0 }), []);
  assert.is(driven.state.wanted, 1);
});

pool("advance() believes it of no worker that serves that it is closed", () => {
  const driven = driveReady({ wanted: 1 });
  driven.close(1, 7);
  assert.is(driven.state.children[0]?.closed, false);
  driven.rollOut();
  driven.ready(2);
  driven.close(1);
  assert.is(driven.state.children[0]?.closed, true);
});

pool("advance() keeps one worker at least", () => {
  const driven = driveReady({ wanted: 1 });
  assert.equal(driven.step({ type: "resize", by: -1 }), []);
  assert.is(driven.state.wanted, 1);
});

pool("advance() ends a worker that still boots at TTOU", () => {
  const driven = drive();
  assert.equal(driven.step({ type: "resize", by: -1 }), ["quit 2"]);
  assert.equal(driven.ready(2), [], "it was too late");
  assert.equal(driven.step({ type: "resize", by: 1 }), ["spawn 3 in 2 of 1"]);
});

pool("advance() drains all at WINCH and brings them back at a reload", () => {
  const driven = driveReady();
  assert.equal(driven.step({ type: "pause" }), ["drain 1", "drain 2"]);
  assert.equal(driven.about(), ["paused"]);
  driven.exit(1);
  driven.exit(2);
  assert.equal(driven.wait(1_000_000), []);
  assert.equal(driven.rollOut(), ["spawn 3 in 1 of 2", "spawn 4 in 2 of 2"]);
});

pool("advance() ends a roll-out at WINCH and spawns nothing more", () => {
  const driven = driveReady();
  driven.rollOut();
  driven.ready(3);
  driven.step({ type: "reload" });
  assert.equal(driven.step({ type: "pause" }), [
    "quit 4",
    "drain 2",
    "drain 3",
  ]);
  assert.equal(driven.about(), ["rollout-failed", "paused"]);
  assert.equal(driven.step({ type: "tick" }), []);
  driven.exit(4);
  assert.equal(driven.wait(100), []);
  assert.is(driven.state.rollout, undefined);
});

pool(
  "advance() gives each slot its own queue, and none where there is none",
  () => {
    const driven = driveReady({ wanted: 3, sockets: NO_QUEUES });
    assert.equal(driven.state.children.map((child) => child.queues), [
      [],
      [],
      [],
    ]);
  },
);

pool("advance() takes no news of workers it does not know", () => {
  const driven = driveReady();
  const { children } = driven.state;
  driven.ready(9);
  driven.beat(9, true);
  driven.recycle(9);
  driven.exit(9, { code: 1 });
  assert.equal(driven.state.children, children);
});

pool("advance() says how a worker left that was told to go", () => {
  const driven = driveReady();
  driven.step({ type: "resize", by: -1 });
  driven.at(40);
  driven.exit(2, { code: 1 });
  const [note] = driven.notes;
  assert.equal(note?.about === "left" && [note.tookMs, note.exit], [40, {
    code: 1,
  }]);
});

pool("advance() tries again within a second where nobody is left", () => {
  const driven = driveReady({ wanted: 2 });
  for (let round = 0; round < 12; round++) {
    while (driven.state.children.length > 0) {
      const [first] = driven.state.children;
      driven.exit(first?.age ?? 0, { code: 1 });
    }
    driven.wait(1000);
    assert.ok(driven.state.children.length > 0, `round ${round}`);
  }
});

pool.run();
