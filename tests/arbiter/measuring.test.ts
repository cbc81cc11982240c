import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/runtime.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { serve, start } from "./site.ts";
import type { Site } from "./site.ts";

const measuring = suite("Measuring");

const HEAP = { what: "heap", ms: 0, drain: false } as const;

/** How a recording of the first worker ends. */
function record(
  { arbiter }: Site,
  how: Parameters<Site["arbiter"]["measuring"]["record"]>[1],
): { text: string } {
  const outcome = { text: "pending" };
  arbiter.measuring.record(1, how).then(
    (file) => outcome.text = file,
    (error) => outcome.text = error.message,
  );
  return outcome;
}

/** What a worker was told to record. */
function orderOf(child: FakeChild) {
  return child.messages.find(({ type }) => type === "record") as unknown as {
    id: number;
    file: string;
    last: boolean;
    thread?: number;
  } | undefined;
}

measuring("collectMetrics() asks one worker", async () => {
  const { arbiter, runtime } = await serve({ workers: 2 });
  arbiter.measuring.collectMetrics(2, 5);
  assert.equal(runtime.child(2).messages.at(-1), { type: "collect", id: 5 });
  assert.is(runtime.child(1).told().at(-1), "boot");
});

measuring("record() tells the file that a worker has written", async () => {
  const site = await serve({ workers: 1 });
  const [child] = site.runtime.children as [FakeChild];
  const outcome = record(site, { ...HEAP, thread: 2 });
  const { id, file, last, thread } = orderOf(child)!;
  assert.equal([last, thread], [false, 2]);
  child.say({ type: "recorded", id });
  await settle();
  assert.is(outcome.text, file);
  const failed = record(site, HEAP);
  child.say({ type: "recorded", id: id + 1, error: "no room" });
  await settle();
  assert.is(failed.text, "Cannot record: no room");
});

measuring("record() makes the folder for the worker's user", async () => {
  for (
    const [user, owner] of [
      [undefined, { uid: 0, gid: -1 }],
      ["www", { uid: 33, gid: 44 }],
    ] as const
  ) {
    const site = await serve({ workers: 1 });
    const { runtime } = site;
    runtime.files.texts.set("/etc/passwd", "www:x:33:44::/:/bin/sh\n");
    runtime.files.texts.set("/etc/group", "www:x:44:\n");
    site.next = { workers: 1, ...user && { user } };
    void site.arbiter.reload();
    await settle();
    runtime.child(2).boot();
    runtime.child(1).exit();
    void site.arbiter.measuring.record(2, HEAP);
    const { file } = orderOf(runtime.child(2))!;
    const folder = file.slice(0, file.lastIndexOf("/"));
    assert.equal(runtime.files.owners.get(folder), owner);
  }
});

measuring("record() of a blocked worker ends after some seconds", async () => {
  const site = await serve({ workers: 1 });
  const { clock } = site.runtime;
  clock.pass(2500);
  const outcome = record(site, HEAP);
  clock.pass(5000);
  await settle();
  assert.is(outcome.text, "Cannot record: the worker is blocked for 5.0 s");
});

measuring(
  "record() has a worker replaced first where that is asked",
  async () => {
    const site = await serve({ workers: 1, gracefulTimeout: 7 });
    const { runtime, log } = site;
    const outcome = record(site, { ...HEAP, drain: true });
    assert.is(
      log().at(-1),
      "[INFO] Worker 1 (pid 1001) will be replaced by an order",
    );
    assert.is(orderOf(runtime.child(1)), undefined);
    runtime.child(2).boot();
    assert.is(orderOf(runtime.child(1))?.last, true);
    const beat = () => runtime.child(2).beat();
    // Its drain may take its time, and what it writes two minutes more.
    for (let seconds = 0; seconds < 126; seconds++) {
      beat();
      runtime.clock.pass(1000);
    }
    await settle();
    assert.is(outcome.text, "pending");
    runtime.clock.pass(1000);
    await settle();
    assert.match(outcome.text, "has not done it in time");
  },
);

measuring("forgoRecord() lets go of one that waits for that", async () => {
  const site = await serve({ workers: 1 });
  const outcome = record(site, { ...HEAP, drain: true });
  site.arbiter.measuring.forgoRecord(2);
  await settle();
  assert.is(outcome.text, "pending", "it is another worker's");
  site.arbiter.measuring.forgoRecord(1);
  await settle();
  assert.match(outcome.text, "no other worker was ready in its place");
});

measuring("a worker that is replaced by an order is ready to go", async () => {
  const { arbiter, log, runtime } = await serve({ workers: 1 });
  arbiter.replace(1, true);
  assert.equal(runtime.child(1).told(), ["boot", "drain"]);
  assert.is(log().at(-1), "[INFO] Worker 1 (pid 1001) drains by an order");
});

measuring(
  "figures are asked of workers that are ready, or become so",
  async () => {
    const { arbiter, runtime } = await start({ workers: 2 });
    runtime.child(1).boot();
    const asked = (age: number) =>
      runtime.child(age).messages.filter(({ type }) => type === "figure");
    arbiter.measuring.tellFigures("metrics", 5000);
    const order = { type: "figure", everyMs: 5000 };
    assert.equal([asked(1), asked(2)], [[order], []]);
    runtime.child(2).boot();
    assert.equal(asked(2), [order]);
    arbiter.measuring.tellFigures("metrics", 5000);
    assert.is(asked(1).length, 1, "nothing is new");
    arbiter.measuring.askFigures();
    assert.equal([asked(1).length, asked(2).length], [2, 2]);
  },
);

measuring.run();
