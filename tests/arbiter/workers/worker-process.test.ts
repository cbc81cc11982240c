import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { markText } from "../../../src/exchange/flight-record.ts";
import type { Witness } from "../../../src/arbiter/options.ts";
import { settle } from "../../support/fake/runtime.ts";
import type { FakeChild } from "../../support/fake/runtime.ts";
import { figuresOf } from "../../support/fake/figures.ts";
import { prepare, serve, start } from "../site.ts";
import type { Site } from "../site.ts";

const workers = suite("WorkerProcess");

const DEBUGGER = {
  type: "debugger",
  url: "ws://127.0.0.1:9231/0123456789abcdef0123",
};

/** Blocks the first worker until it is looked at twice; gives what was dialled and searched for. */
async function block({ runtime }: Site, says: readonly object[]) {
  const [child] = runtime.children as [FakeChild];
  const dialled: string[] = [];
  const marks: string[] = [];
  runtime.converse = (url, { onClose }) => {
    dialled.push(url);
    queueMicrotask(onClose);
    return { send() {}, close() {} };
  };
  runtime.findInMemory = (_, mark) => {
    marks.push(markText(mark));
    return Promise.resolve(undefined);
  };
  for (const message of says) child.say(message);
  child.beat({ busy: true });
  for (let waits = 0; waits < 100; waits++) {
    runtime.clock.pass(100);
    await settle();
  }
  return { dialled, marks };
}

workers("one that is blocked is asked by its debugger", async () => {
  const site = await serve({ workers: 1 });
  const { dialled } = await block(site, [DEBUGGER]);
  assert.equal(dialled, [DEBUGGER.url]);
});

workers("the debugger of a person is left alone", async () => {
  const inspect = "127.0.0.1:9229";
  const site = await serve({ workers: 1, inspect });
  const { dialled } = await block(site, [DEBUGGER]);
  assert.equal(dialled, []);
});

workers("what one has seen of itself is looked for in its memory", async () => {
  for (const says of [[{ type: "watching" }], []]) {
    const site = await prepare({ workers: 1 });
    let last = 0;
    site.runtime.random = () => last = (last + 0.01) % 1;
    site.arbiter.start();
    site.runtime.child(1).boot();
    const { marks } = await block(site, says);
    const ends = marks.map((mark) => mark.match(/../g)?.reverse().join(""));
    // The mark of its flight record is that from the other end.
    const own = marks.filter((mark) => ends.includes(mark));
    assert.is(own.length > 0, says.length > 0);
  }
});

workers("what it says is handed on", async () => {
  const taken: unknown[] = [];
  const witness: Witness = {
    onStep() {},
    onRefused() {},
    onFigures: ({ slot }, { requests }, bucketsMs) =>
      void taken.push([slot, requests, bucketsMs.length > 0]),
    onMetrics: ({ slot }, { id, text }) => void taken.push([slot, id, text]),
  };
  const seen: unknown[] = [];
  const site = await serve({ workers: 2, metrics: true }, {
    witness: () => witness,
    onlooker: () => ({
      onFigures: (age, { requests }) => void seen.push([age, requests]),
      onExited: (age) => void seen.push([age, "exited"]),
    }),
  });
  const child = site.runtime.child(2);
  child.say({ type: "metrics", id: 3, text: "up 1\n" });
  child.say(figuresOf({ requests: 9 }));
  child.say({ type: "access", text: "GET /\n" });
  child.say({ type: "log", level: "error", text: "boom", exception: true });
  child.exit({ code: 0 });
  assert.equal(taken, [[2, 3, "up 1\n"], [2, 9, true]]);
  assert.equal(seen, [[2, 9], [2, "exited"]]);
  assert.is(site.runtime.stdout.text, "GET /\n");
  assert.match(site.runtime.stderr.text, "[1002] [ERROR] boom\n");
});

workers("what is not heeded is counted at the end", async () => {
  const { runtime, log } = await serve({ workers: 2 });
  const [one, other] = runtime.children as [FakeChild, FakeChild];
  one.say({ type: "junk" });
  for (let count = 0; count < 3; count++) other.say({ type: "junk" });
  one.exit({ code: 0 });
  other.exit({ code: 0 });
  const lines = log().filter((line) => /heeded/.test(line));
  const named =
    'sent a message of type "junk", which is not corn\'s and is not heeded';
  assert.equal(lines, [
    `[WARNING] Worker 1 (pid 1001) ${named}`,
    `[WARNING] Worker 2 (pid 1002) ${named}`,
    "[WARNING] Worker 2 (pid 1002) sent 3 messages not heeded in all",
  ]);
});

workers(
  "a pause before it was ready takes nothing from a later block",
  async () => {
    const { runtime, log } = await start({ workers: 1, slowLoop: 1 });
    const [child] = runtime.children as [FakeChild];
    runtime.clock.pass(100);
    runtime.clock.block(8000);
    child.boot();
    runtime.clock.pass(2100);
    child.say({
      ...{ type: "beat", requests: 0, open: 0, busy: false, blockedMs: 2000 },
    });
    await settle();
    assert.is(
      log().at(-1),
      "[WARNING] Worker 1 (pid 1001) was blocked for 2.0 s",
    );
  },
);

workers("what is known of it is told with what happens to it", async () => {
  const told: unknown[] = [];
  const { runtime } = await start({ workers: 2 }, {
    onNote: ({ about }, { text, facts }) =>
      void (about === "boot-failed" && told.push([text, facts?.failure])),
  });
  const failed = { type: "failed", kind: "boot", message: "No", stack: "at a" };
  runtime.child(1).say(failed);
  runtime.child(1).exit({ code: 3 });
  runtime.child(2).exit({ code: 3 });
  const what = "exited with code 3";
  assert.equal(told, [
    ["Worker 1 (pid 1001) could not boot", { message: "No", stack: "at a" }],
    [`Worker 2 (pid 1002) ${what} before it was ready`, undefined],
  ]);
});

workers("one that floods the channel is killed", async () => {
  const { runtime, log } = await serve({ workers: 1 });
  const [child] = runtime.children as [FakeChild];
  child.options.onOverlong?.();
  assert.equal(child.signals, ["SIGKILL"]);
  assert.is(
    log().at(-1),
    "[ERROR] Worker 1 (pid 1001) sent a line that is longer than any message: killing it",
  );
});

workers("what it says as it fails is shown again after a reload", async () => {
  const { runtime, log } = await start({ workers: 1 });
  const failed = { type: "failed", kind: "boot", message: "No", stack: "" };
  runtime.child(1).boot();
  const shown = () => log().filter((line) => line === "[ERROR] No").length;
  for (const age of [1, 2]) {
    runtime.child(age).say(failed);
    runtime.child(age).exit({ code: 3 });
    runtime.clock.pass(60_000);
  }
  assert.is(shown(), 1, "all of one app fail alike");
  runtime.child(3).boot();
  runtime.child(3).say(failed);
  assert.is(shown(), 2);
});

workers.run();
