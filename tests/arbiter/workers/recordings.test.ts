import { Recordings } from "../../../src/arbiter/workers/recordings.ts";
import type { RecordOrder } from "../../../src/arbiter/workers/recordings.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const recordings = suite("Recordings");

const owner = { uid: 33, gid: 34 };
const blockedMs = () => 0;
const profile = {
  age: 4,
  what: "profile",
  ms: 5000,
  owner,
  blockedMs,
} as const;

function start() {
  const runtime = new FakeRuntime();
  /** What a worker is told, and when it is held. */
  const told: string[] = [];
  const files: string[] = [];
  const recordings = new Recordings({
    runtime,
    send(age, message) {
      assert.is(message.type, "record");
      const { id, what, ms, last, file } = message as {
        id: number;
        what: string;
        ms: number;
        last: boolean;
        file: string;
      };
      files.push(file);
      told.push(`${age}: ${what} ${id} ${ms} ${last}`);
    },
    hold: (age, held) => void told.push(`${age} ${held ? "held" : "let go"}`),
  });
  /** A recording, and what came of it. */
  const record = (order: RecordOrder) => {
    const outcome = { text: "pending" };
    recordings.record(order).then(
      (file) => outcome.text = file,
      (error) => outcome.text = error.message,
    );
    return outcome;
  };
  return { runtime, recordings, told, files, record };
}

recordings(
  "a worker is held while it writes, and its file is told",
  async () => {
    const { runtime, recordings, told, files, record } = start();
    const outcome = record(profile);
    assert.equal(told, ["4 held", "4: profile 1 5000 false"]);
    // What another worker says, or of another recording, is not meant.
    recordings.recorded(5, 1, undefined);
    recordings.recorded(4, 2, undefined);
    recordings.exited(5);
    await settle();
    assert.is(outcome.text, "pending");
    recordings.recorded(4, 1, undefined);
    await settle();
    const [file = ""] = files;
    assert.match(file, /^\/tmp\/corn-recording-\w+\/worker\.cpuprofile$/);
    assert.is(outcome.text, file);
    assert.is(told.at(-1), "4 let go");
    const folder = file.slice(0, file.lastIndexOf("/"));
    assert.equal(runtime.files.owners.get(folder), owner);
  },
);

recordings("a worker that stays blocked is not waited for", async () => {
  const { runtime, told, record } = start();
  const begun = runtime.clock.now() - 1000;
  const blockedMs = () => runtime.clock.now() - begun;
  const outcome = record({ ...profile, blockedMs });
  runtime.clock.pass(4900);
  await settle();
  assert.is(outcome.text, "pending");
  runtime.clock.pass(100);
  await settle();
  assert.is(outcome.text, "Cannot record: the worker is blocked for 6.0 s");
  assert.is(told.at(-1), "4 let go");
});

recordings(
  "a worker that its snapshot makes silent is waited for",
  async () => {
    const { runtime, recordings, record, files } = start();
    const blockedMs = () => runtime.clock.passed();
    const outcome = record({ ...profile, what: "heap", blockedMs });
    runtime.clock.pass(100_000);
    await settle();
    assert.is(outcome.text, "pending");
    recordings.recorded(4, 1, undefined);
    await settle();
    assert.is(outcome.text, files[0]);
  },
);

recordings("one is made at a time", async () => {
  const { recordings, files, record, runtime } = start();
  runtime.env.TMPDIR = "/var/tmp";
  const first = record(profile);
  const second = record({ ...profile, age: 5 });
  await settle();
  assert.is(second.text, "Another recording goes on: wait for its end");
  recordings.recorded(4, 1, "the disk is full");
  await settle();
  assert.is(first.text, "Cannot record: the disk is full");
  const third = record({ ...profile, what: "heap" });
  recordings.recorded(4, 2, undefined);
  await settle();
  assert.is(third.text, files[1]);
  assert.match(third.text, /^\/var\/tmp\/corn-recording-\w+\/worker\.heaps/);
});

recordings("a worker that ends has recorded nothing", async () => {
  const { recordings, told, record, runtime, files } = start();
  const outcome = record(profile);
  recordings.exited(4);
  await settle();
  assert.is(outcome.text, "Cannot record: the worker has ended");
  const [file = ""] = files;
  const folder = file.slice(0, file.lastIndexOf("/"));
  assert.equal(runtime.files.foldersRemoved, [folder]);
  assert.is(told.at(-1), "4 let go");
});

recordings("a worker has two minutes more than it takes", async () => {
  const { runtime, record } = start();
  const outcome = record(profile);
  runtime.clock.pass(124_999);
  await settle();
  assert.is(outcome.text, "pending");
  runtime.clock.pass(1);
  await settle();
  assert.is(
    outcome.text,
    "Cannot record: the worker has not done it in time",
  );
  // Its time does not end another's.
  const next = record(profile);
  runtime.clock.pass(124_999);
  await settle();
  assert.is(next.text, "pending");
});

recordings("one that is replaced before records at its end", async () => {
  const { runtime, recordings, told, record } = start();
  let begun = 0;
  const drain = { graceMs: 30_000, begin: () => void begun++ };
  const outcome = record({ ...profile, what: "heap", ms: 0, drain });
  assert.equal([begun, told], [1, []], "nothing is asked of it yet");
  recordings.draining(5);
  assert.equal(told, []);
  runtime.clock.pass(119_999);
  recordings.draining(4);
  recordings.draining(4);
  assert.equal(told, ["4 held", "4: heap 1 0 true"]);
  runtime.clock.pass(149_999);
  await settle();
  assert.is(outcome.text, "pending");
  runtime.clock.pass(1);
  await settle();
  assert.match(outcome.text, /has not done it in time$/);
});

recordings("one that nothing replaces is not recorded", async () => {
  const { runtime, told, record } = start();
  const drain = { graceMs: 30_000, begin() {} };
  const outcome = record({ ...profile, drain });
  runtime.clock.pass(120_000);
  await settle();
  assert.is(
    outcome.text,
    "Cannot record: no other worker was ready in its place in time",
  );
  assert.equal(told, ["4 let go"]);
});

recordings("one is forgone while another worker is awaited alone", async () => {
  const { recordings, told, record } = start();
  const drain = { graceMs: 30_000, begin() {} };
  const outcome = record({ ...profile, drain });
  recordings.forgo(5);
  await settle();
  assert.is(outcome.text, "pending");
  recordings.forgo(4);
  await settle();
  assert.is(
    outcome.text,
    "Cannot record: no other worker was ready in its place",
  );
  // It is not made later.
  recordings.draining(4);
  assert.equal(told, ["4 let go"]);
  // What has begun is made.
  const next = record({ ...profile, drain });
  recordings.draining(4);
  recordings.forgo(4);
  await settle();
  assert.is(next.text, "pending");
});

recordings("a folder that cannot be made is named", async () => {
  const { runtime, recordings, record, told } = start();
  runtime.files.makePrivate = () => {
    throw new Error("no space");
  };
  const outcome = record(profile);
  await settle();
  assert.match(
    outcome.text,
    /^Cannot make folder "\/tmp\/corn-recording-\w+": no space$/,
  );
  assert.equal(told, []);
  // It stands in no other's way.
  runtime.files.makePrivate = () => {};
  const next = record(profile);
  recordings.recorded(4, 1, undefined);
  await settle();
  assert.match(next.text, /worker\.cpuprofile$/);
});

recordings.run();
