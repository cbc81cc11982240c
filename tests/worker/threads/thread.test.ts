import { VERSION } from "../../../src/base/version.ts";
import type {
  LogMessage,
  RecycleMessage,
} from "../../../src/protocol/messages.ts";
import { SHARED } from "../../../src/shared/shared-buffers.ts";
import type { GetShared } from "../../../src/shared/shared-buffers.ts";
import { runThread } from "../../../src/worker/threads/thread.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { bootOf } from "../boot.ts";

const thread = suite("runThread()");

/** A thread that runs, and its channel to the first one. */
function run() {
  const runtime = new FakeRuntime();
  const link = runtime.link = new FakeLink();
  runThread(runtime);
  const globals = runtime.globals as unknown as Record<symbol, GetShared>;
  const getShared = globals[Symbol.for(SHARED)] as GetShared;
  return { runtime, link, getShared };
}

thread("says hello and serves what it is booted with", async () => {
  const { runtime, link } = run();
  assert.equal(link.sent, [
    { type: "hello", runtime: "node", version: "24.0.0", corn: VERSION },
  ]);
  runtime.modules.set("file:///srv/app.ts", {
    default: () => new Response("x"),
  });
  link.receive(bootOf({ thread: 1 }));
  await settle();
  assert.is(link.of("ready").length, 1);
  runtime.uncaught(new Error("boom"));
  assert.match(link.of<LogMessage>("log")[0]?.text ?? "", "Error: boom");
  assert.is(link.of<RecycleMessage>("recycle").length, 1);
});

thread("runs in no process of its own", () => {
  assert.throws(() => runThread(new FakeRuntime()), "there is no channel");
});

thread("asks for memory by its name, and gets each its own", async () => {
  const { link, getShared } = run();
  const [one, other] = [getShared("a", 8), getShared("b", 4)];
  const [first, second] = link.of<{ id: number; name: string; bytes: number }>(
    "share",
  );
  assert.equal([first?.name, first?.bytes], ["a", 8]);
  assert.equal([second?.name, second?.bytes], ["b", 4]);
  const buffer = new SharedArrayBuffer(4);
  link.receive({ type: "shared", id: second?.id, buffer });
  link.receive({ type: "shared", id: first?.id, error: "it has 4" });
  assert.is(await other, buffer);
  const error = await one.then(() => undefined, (error) => error);
  assert.instance(error, RangeError);
  assert.is(error.message, "it has 4");
});

thread.run();
