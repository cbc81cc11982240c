import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { createServer } from "../../src/arbiter/server.ts";
import type { ServerParts } from "../../src/arbiter/server.ts";
import { endOf, serve } from "./site.ts";
import type { CornConfig } from "../../src/config/table/types.ts";

const server = suite("createServer()");

/** What hooks and programs have of a pool. */
async function begin(
  options: CornConfig = { workers: 1 },
  given: Pick<ServerParts, "done"> = {},
) {
  const site = await serve(options);
  const { runtime, arbiter } = site;
  const log = {} as ServerParts["log"];
  return { ...site, corn: createServer(arbiter, { runtime, log, ...given }) };
}

server("scale() goes to so many workers, and to no less than one", async () => {
  const { corn, runtime } = await begin();
  corn.scale(2);
  assert.is(runtime.children.length, 2);
  for (const workers of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(
      () => corn.scale(workers),
      `Cannot scale to ${workers} workers: give a count of at least 1`,
    );
  }
  assert.is(runtime.children.length, 2);
  runtime.child(2).boot();
  corn.scale(1);
  assert.ok(runtime.child(2).told().includes("drain"));
});

server("scale() lets the load decide where there is a range", async () => {
  const { corn } = await begin();
  assert.throws(() => corn.scale("auto"), /^Cannot scale by load: give --work/);
  const { corn: ranged, arbiter } = await begin({ workers: "1..3" });
  ranged.scale(2);
  assert.is(arbiter.view.state?.fixed, true);
  ranged.scale("auto");
  assert.is(arbiter.view.state?.fixed, false);
});

server("stop() is graceful unless it is to be quick", async () => {
  for (
    const [how, told] of [
      [undefined, { type: "drain", last: true }],
      ["graceful", { type: "drain", last: true }],
      [{ timeoutMs: 0 }, { type: "drain", withinMs: 0, last: true }],
      [{ timeoutMs: 5000 }, { type: "drain", withinMs: 5000, last: true }],
      ["quick", { type: "quit" }],
      [{ quick: true }, { type: "quit" }],
    ] as const
  ) {
    const { corn, runtime } = await begin();
    const stopped = corn.stop(how);
    const [child] = runtime.children;
    assert.equal(child?.messages.at(-1), told);
    assert.is(await endOf(stopped), "pending");
    child?.exit({ code: 0 });
    assert.is(await endOf(stopped), "resolved");
  }
});

server("stop() refuses a time that is none", async () => {
  const { corn, runtime } = await begin();
  for (const timeoutMs of [-1, NaN, 2 ** 31, Infinity]) {
    assert.match(
      await endOf(corn.stop({ timeoutMs })),
      `Cannot stop within ${timeoutMs} ms: give a time of at least 0, and`,
    );
  }
  assert.is(runtime.child(1).told().at(-1), "boot", "it serves on");
});

server("a program waits for its own end, where it has one", async () => {
  const end = Promise.withResolvers<number>();
  const { corn, runtime } = await begin(undefined, { done: end.promise });
  const stopped = corn.stop();
  runtime.child(1).exit({ code: 0 });
  assert.is(await endOf(stopped), "pending");
  end.resolve(0);
  assert.is(await endOf(stopped), "resolved");
  assert.is(await corn.done, 0);
});

server("await using stops it once", async () => {
  const { corn, runtime } = await begin();
  const [child] = runtime.children;
  const disposed = corn[Symbol.asyncDispose]();
  // A second stop would end what is open.
  const again = corn[Symbol.asyncDispose]();
  assert.equal(child?.told(), ["boot", "drain"]);
  assert.equal(child?.signals, []);
  child?.exit({ code: 0 });
  assert.is(await endOf(disposed), "resolved");
  assert.is(await endOf(again), "resolved");
});

server("what it is can be read", async () => {
  const { corn, runtime } = await begin();
  assert.equal([corn.pid, corn.runtime], [100, "node"]);
  assert.equal(corn.addresses, ["http://127.0.0.1:8000"]);
  assert.equal(corn.workers().map(({ slot }) => slot), [1]);
  assert.is(await endOf(corn.ready), "resolved");
  assert.is(await endOf(corn.whole), "resolved");
  corn.resize(1);
  assert.is(runtime.children.length, 2);
  const reloaded = corn.reload({ canary: -1 });
  assert.match(await endOf(reloaded), /^Cannot use canary/);
});

server.run();
