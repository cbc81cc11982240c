import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { drive, driveReady, LIMITS } from "./drive.ts";

const reload = suite("reload");

reload("advance() asks for the config before anything else", () => {
  const pool = driveReady();
  assert.equal(pool.step({ type: "reload" }), ["reload"]);
  assert.is(pool.state.rollout, undefined);
});

reload(
  "advance() replaces one slot at a time, each once its successor is ready",
  () => {
    const pool = driveReady({ wanted: 3 });
    assert.equal(pool.rollOut(), ["spawn 4 in 1 of 2"]);
    assert.equal(pool.about(), ["rollout"]);
    assert.equal(pool.wait(1000), []);
    assert.equal(pool.ready(4), ["drain 1", "spawn 5 in 2 of 2"]);
    assert.equal(pool.exit(1), []);
    assert.equal(pool.ready(5), ["drain 2", "spawn 6 in 3 of 2"]);
    assert.equal(pool.ready(6), ["drain 3"]);
    assert.equal(pool.about(), ["ready"]);
    assert.is(pool.state.generation, 2);
  },
);

reload("advance() says that it is done once nobody of before accepts", () => {
  const pool = driveReady({ wanted: 3 });
  pool.rollOut({ wanted: 2 });
  pool.ready(4);
  pool.close(1);
  pool.now += 700;
  assert.equal(pool.ready(5), ["drain 2", "drain 3"]);
  assert.equal(pool.about(), ["ready"]);
  pool.close(4);
  assert.equal(pool.about(), [], "one that serves accepts, whatever it says");
  pool.close(2);
  assert.equal(pool.about(), []);
  pool.exit(3);
  assert.equal(pool.about(), ["left", "rolled-out"]);
  const [, note] = pool.notes;
  assert.is(note?.about === "rolled-out" && note.tookMs, 700);
});

reload("advance() says that it is done at once where nobody is left", () => {
  const pool = drive({ wanted: 1 });
  pool.rollOut();
  pool.exit(1);
  pool.ready(2);
  assert.equal(pool.about(), ["ready", "rolled-out"]);
});

reload("advance() waits no longer for a worker that says nothing", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut();
  assert.equal(pool.ready(2), ["drain 1"]);
  assert.equal(pool.wait(1999), []);
  assert.equal(pool.notes, []);
  pool.wait(1);
  assert.equal(pool.about(), ["unclosed", "rolled-out"]);
  assert.is(pool.children(), "1/1:draining 1/2:ready");
});

reload("advance() waits for those of every generation before", () => {
  const pool = driveReady({ wanted: 1, surge: 1 });
  pool.rollOut();
  pool.ready(2);
  pool.wait(1500);
  pool.step({ type: "scale", to: 2 });
  pool.ready(3);
  pool.close(1);
  assert.equal(pool.about(), ["rolled-out"]);
  pool.rollOut();
  assert.equal(pool.ready(4), ["drain 2", "spawn 5 in 2 of 3"]);
  assert.equal(pool.ready(5), ["drain 3"]);
  pool.close(3);
  assert.equal(pool.about(), []);
  pool.close(2);
  assert.equal(pool.about(), ["rolled-out"]);
});

reload(
  "advance() lets a reload that is asked for wait until it is done",
  () => {
    const pool = driveReady({ wanted: 1 });
    pool.rollOut();
    pool.ready(2);
    assert.equal(pool.step({ type: "reload" }), []);
    assert.equal(pool.about(), ["reload-queued"]);
    assert.equal(pool.close(1), ["reload"]);
    assert.equal(pool.rollOut(), ["spawn 3 in 1 of 3"]);
  },
);

reload(
  "advance() keeps a generation whose worker dies before it is done",
  () => {
    const pool = driveReady({ wanted: 1 });
    pool.rollOut();
    pool.ready(2);
    assert.equal(pool.exit(2, { code: 1 }), ["spawn 3 in 1 of 2"]);
    assert.equal(pool.about(), ["crash"]);
  },
);

reload("advance() says nothing of it once it stops", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut();
  pool.ready(2);
  pool.step({ type: "stop", mode: "graceful" });
  pool.close(1);
  assert.equal(pool.about(), []);
});

reload("advance() rolls as many slots at a time as the surge allows", () => {
  const pool = driveReady({ wanted: 3, surge: 2 });
  assert.equal(pool.rollOut(), ["spawn 4 in 1 of 2", "spawn 5 in 2 of 2"]);
  assert.equal(pool.ready(5), ["drain 2", "spawn 6 in 3 of 2"]);
});

reload("advance() takes another surge with the roll-out", () => {
  const pool = driveReady({ wanted: 3, surge: 1 });
  assert.equal(pool.rollOut({ surge: 2 }), [
    "spawn 4 in 1 of 2",
    "spawn 5 in 2 of 2",
  ]);
});

reload("advance() takes new limits when the roll-out has succeeded", () => {
  const pool = driveReady({ wanted: 1 });
  const limits = { ...LIMITS, gracefulMs: 1 };
  pool.rollOut({ limits });
  assert.equal(pool.state.limits, LIMITS);
  pool.ready(2);
  assert.is(pool.state.limits, limits);
});

reload(
  "advance() keeps the old generation when the new one cannot boot",
  () => {
    const pool = driveReady();
    pool.rollOut();
    assert.equal(pool.exit(3, { code: 4 }), []);
    assert.equal(pool.about(), ["boot-failed", "rollout-failed"]);
    assert.equal(pool.notes.map((note) => "delayMs" in note && note.delayMs), [
      0,
      false,
    ]);
    assert.is(pool.children(), "1/1:ready 2/2:ready");
    assert.is(pool.state.generation, 1);
    assert.equal(pool.wait(29_000), [], "it is not tried again");
  },
);

reload(
  "advance() keeps the old generation when the new one boots too long",
  () => {
    const pool = driveReady({ limits: { silenceMs: 0 } });
    pool.rollOut();
    assert.equal(pool.wait(60_000), ["kill 3"]);
    assert.equal(pool.exit(3, { signal: "SIGKILL" }), []);
    assert.equal(pool.about(), ["boot-failed", "rollout-failed"]);
  },
);

reload(
  "advance() keeps what is ready of both when a later worker fails",
  () => {
    const pool = driveReady({ wanted: 3 });
    pool.rollOut();
    pool.ready(4);
    assert.equal(pool.exit(5, { code: 3 }), []);
    const failed = pool.notes.find((note) => note.about === "rollout-failed");
    assert.is(failed?.replaced, 1);
    assert.is(failed?.kept, 1);
    assert.is(pool.children(), "1/1:draining 2/2:ready 3/3:ready 1/4:ready");
    assert.equal(pool.exit(4, { code: 1 }), ["spawn 6 in 1 of 1"]);
  },
);

reload(
  "advance() keeps the old generation when the new one dies once it is ready",
  () => {
    const pool = driveReady({ wanted: 3 });
    pool.rollOut();
    pool.ready(4);
    pool.wait(900);
    pool.exit(4, { code: 1 });
    const failed = pool.notes.find((note) => note.about === "rollout-failed");
    assert.is(failed?.replaced, 0);
    assert.is(failed?.cause?.child.age, 4);
    assert.is(pool.state.rollout, undefined);
    assert.is(pool.state.generation, 1);
  },
);

for (const now of [true, false]) {
  reload(
    `advance() keeps the old generation when the new one asks to be replaced ${
      now ? "at once" : "after an error"
    }`,
    () => {
      const pool = driveReady({ wanted: 3 });
      pool.rollOut();
      pool.ready(4);
      pool.wait(900);
      pool.recycle(4, true, now);
      const failed = pool.notes.find((note) => note.about === "rollout-failed");
      assert.is(failed?.replaced, 0);
      assert.is(failed?.cause?.child.age, 4);
      assert.match(
        pool.lastText() ?? "",
        /given up after .*: Worker 1 \(pid 77\) had to be replaced: 10 requests$/,
      );
      assert.is(pool.state.rollout, undefined);
      pool.wait(1000);
      assert.equal(
        pool.state.children.filter(({ phase }) => phase === "booting")
          .map(({ slot, generation }) => [slot, generation]),
        [[1, 1]],
      );
    },
  );
}

reload("advance() goes on where a new worker is replaced in time", () => {
  for (const [ms, failure] of [[1100, true], [0, false]] as const) {
    const pool = driveReady({ wanted: 3 });
    pool.rollOut();
    pool.ready(4);
    pool.wait(ms);
    pool.recycle(4, failure);
    assert.is(pool.state.rollout?.generation, 2);
  }
});

reload("advance() goes on when a worker dies that has served a while", () => {
  const pool = driveReady({ wanted: 3 });
  pool.rollOut();
  pool.ready(4);
  pool.wait(1100);
  pool.exit(4, { code: 1 });
  assert.is(pool.state.rollout?.generation, 2);
});

reload("advance() gives the next attempt a number of its own", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut();
  pool.exit(2, { code: 4 });
  assert.equal(pool.rollOut(), ["spawn 3 in 1 of 3"]);
});

reload("advance() ends every other worker that boots when one fails", () => {
  const pool = driveReady({ wanted: 3, surge: 2 });
  pool.rollOut();
  assert.equal(pool.exit(4, { code: 4 }), ["quit 5"]);
});

reload("advance() does a second reload after one that serves in part", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut();
  assert.equal(pool.ready(3), ["drain 1", "spawn 4 in 2 of 2"]);
  assert.equal(pool.step({ type: "reload" }), []);
  assert.equal(pool.about(), ["reload-queued"]);
  pool.step({ type: "reload" });
  assert.equal(pool.ready(4), ["drain 2"]);
  assert.equal(pool.close(1), []);
  assert.equal(pool.close(2), ["reload"], "one for all that asked");
  assert.equal(pool.rollOut(), ["spawn 5 in 1 of 3"]);
});

reload("advance() does a second reload after a failed one too", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut();
  pool.ready(3);
  pool.step({ type: "reload" });
  assert.equal(pool.exit(4, { code: 4 }), ["reload"]);
});

reload(
  "advance() gives a roll-out up that nobody serves of, for another",
  () => {
    const pool = driveReady({ wanted: 2, surge: 2 });
    pool.wait(300);
    assert.equal(pool.rollOut(), ["spawn 3 in 1 of 2", "spawn 4 in 2 of 2"]);
    pool.wait(5000);
    assert.equal(pool.step({ type: "reload" }), ["quit 3", "quit 4", "reload"]);
    assert.equal(pool.about(), ["rollout-superseded"]);
    const [note] = pool.notes;
    assert.is(note?.about === "rollout-superseded" && note.tookMs, 5000);
    assert.equal(pool.rollOut(), ["spawn 5 in 1 of 3", "spawn 6 in 2 of 3"]);
    assert.equal(pool.exit(3, { signal: "SIGKILL" }), []);
    assert.equal(
      pool.about(),
      ["left"],
      "how it ends is no failure of the next",
    );
    assert.equal(pool.ready(5, 6), ["drain 1", "drain 2"]);
    assert.is(pool.state.generation, 3);
  },
);

reload("advance() lets a second roll-out not begin inside of the first", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut();
  assert.equal(pool.rollOut(), []);
  assert.is(pool.state.lastGeneration, 2);
});

reload("advance() grows with the new config", () => {
  const pool = driveReady({ wanted: 1 });
  assert.equal(pool.rollOut({ wanted: 3 }), [
    "spawn 2 in 1 of 2",
    "spawn 3 in 2 of 2",
    "spawn 4 in 3 of 2",
  ]);
  pool.ready(3, 4);
  assert.equal(pool.ready(2), ["drain 1"]);
  assert.is(pool.state.wanted, 3);
});

reload("advance() shrinks once every wanted slot is of the new config", () => {
  const pool = driveReady({ wanted: 3 });
  assert.equal(pool.rollOut({ wanted: 1 }), ["spawn 4 in 1 of 2"]);
  assert.equal(pool.ready(4), ["drain 1", "drain 2", "drain 3"]);
  assert.is(pool.state.wanted, 1);
});

reload("advance() keeps its size when a growing reload fails", () => {
  const pool = driveReady({ wanted: 1 });
  pool.rollOut({ wanted: 3 });
  pool.ready(3);
  assert.equal(pool.exit(4, { code: 4 }), ["quit 2", "drain 3"]);
  assert.is(pool.state.wanted, 1);
});

reload("advance() keeps its size when a shrinking reload fails", () => {
  const pool = driveReady({ wanted: 3 });
  pool.rollOut({ wanted: 1 });
  assert.equal(pool.exit(3, { code: 1 }), ["spawn 5 in 3 of 1"]);
  assert.equal(pool.exit(4, { code: 4 }), []);
  assert.is(pool.state.wanted, 3);
});

reload("advance() counts TTIN and TTOU in old and new size", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut({ wanted: 4 });
  pool.step({ type: "resize", by: 1 });
  assert.is(pool.state.wanted, 3);
  assert.is(pool.state.rollout?.wanted, 5);
});

reload("advance() fills a slot that fell empty with the new generation", () => {
  const pool = driveReady({ wanted: 3 });
  pool.rollOut();
  assert.equal(pool.exit(3, { code: 1 }), ["spawn 5 in 3 of 2"]);
});

reload("advance() replaces a recycling worker by the new generation", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut();
  assert.equal(pool.recycle(2), []);
  assert.equal(pool.ready(3), ["drain 1", "spawn 4 in 2 of 2"]);
});

reload("advance() lets no old worker boot on beside the new generation", () => {
  const pool = drive({ wanted: 2 });
  pool.ready(1);
  assert.equal(pool.rollOut(), [
    "quit 2",
    "spawn 3 in 1 of 2",
    "spawn 4 in 2 of 2",
  ]);
});

reload("advance() rolls out even where nothing was ever ready", () => {
  const pool = drive({ wanted: 2 });
  assert.equal(pool.rollOut(), [
    "quit 1",
    "quit 2",
    "spawn 3 in 1 of 2",
    "spawn 4 in 2 of 2",
  ]);
  pool.exit(1);
  pool.exit(2);
  assert.equal(pool.exit(3, { code: 4 }), [
    "quit 4",
    "spawn 5 in 1 of 1",
    "spawn 6 in 2 of 1",
  ]);
});

reload("advance() waits between the crashes of a new generation", () => {
  const pool = driveReady({ wanted: 2 });
  pool.rollOut();
  pool.ready(3);
  pool.wait(1000);
  assert.equal(pool.exit(3, { code: 1 }), ["spawn 5 in 1 of 2"]);
  pool.ready(5);
  pool.wait(1000);
  assert.equal(pool.exit(5, { code: 1 }), []);
  assert.equal(pool.wait(250), ["spawn 6 in 1 of 2"]);
});

reload("advance() forgets the failures of the generation before", () => {
  const pool = driveReady({ wanted: 1 });
  for (let age = 1; age < 6; age++) {
    pool.exit(age, { code: 1 });
    pool.wait(5000);
  }
  pool.exit(6, { code: 1 });
  assert.equal(pool.wait(1), []);
  assert.equal(pool.rollOut(), ["spawn 7 in 1 of 2"]);
});

reload("advance() does not take a successor for a second slot", () => {
  const pool = driveReady({ wanted: 2, surge: 2 });
  pool.rollOut();
  assert.is(
    pool.children(),
    "1/1:ready 2/2:ready 1/3:booting 2/4:booting",
  );
  pool.ready(4);
  assert.equal(pool.recycle(4), ["spawn 5 in 2 of 2"]);
  assert.equal(pool.ready(5), ["drain 4"]);
  assert.ok(pool.state.rollout, "slot 1 is of the old generation still");
});

reload("advance() does nothing for a reload while it stops", () => {
  const pool = driveReady({ wanted: 1 });
  pool.step({ type: "stop", mode: "graceful" });
  assert.equal(pool.step({ type: "reload" }), []);
  assert.equal(pool.rollOut(), []);
});

reload("advance() cuts the longest drain where too many go on", () => {
  const pool = driveReady({ wanted: 2 });
  for (const ages of [[3, 4], [5, 6]]) {
    pool.now += 1000;
    pool.rollOut();
    assert.not.ok(pool.ready(...ages).some((order) => /quit/.test(order)));
    pool.close(...ages.map((age) => age - 2));
  }
  pool.now += 1000;
  pool.rollOut();
  assert.equal(pool.ready(7), ["drain 5", "spawn 8 in 2 of 4", "quit 1"]);
  assert.ok(pool.about().includes("crowded"));
  assert.equal(pool.ready(8), ["drain 6", "quit 2"]);
  assert.equal(pool.wait(2000), ["kill 1", "kill 2"]);
});

reload("advance() follows the number of drains that is set", () => {
  const pool = driveReady({ wanted: 2, maxDraining: 1 });
  pool.rollOut({ maxDraining: 1 });
  pool.ready(3);
  assert.equal(pool.ready(4), ["drain 2", "quit 1"]);
  assert.equal(pool.step({ type: "stop", mode: "graceful" }), [
    "drain 3",
    "drain 4",
  ], "a stop drains all");
});

reload.run();
