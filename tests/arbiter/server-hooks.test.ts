import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/runtime.ts";
import type { CornServer } from "../../src/hooks/types.ts";
import { endOf, prepare, serve, start } from "./site.ts";

const hooks = suite("server hooks");

hooks("a preFork that takes its time holds nobody else up", async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<object>());
  const { runtime, arbiter, log } = await start({
    workers: 2,
    bootTimeout: 5,
    preFork: (_server, { slot }) => slot === 1 ? undefined : gates[0]?.promise,
  });
  // The first is started, the second waits.
  assert.is(runtime.children.length, 1);
  runtime.child(1).boot();
  assert.equal(arbiter.view.workers().map(({ phase }) => phase), [
    "ready",
    "booting",
  ]);
  gates[0]?.resolve({ env: { SHARD: "2" }, args: ["--smol"] });
  await settle();
  const { env, args } = runtime.child(2).options;
  assert.is(env.SHARD, "2");
  assert.equal(args.slice(-2), ["--smol", "/corn/worker.ts"]);
  assert.not.ok(log().some((line) => /preFork/.test(line)));
});

hooks("a preFork that is late adds nothing", async () => {
  const { runtime, log } = await start({
    workers: 1,
    preFork: () => new Promise(() => {}),
    hookTimeout: 2,
  });
  runtime.clock.pass(2000);
  await settle();
  assert.is(runtime.children.length, 1);
  assert.match(log().join(), "Hook preFork is not done within 2 s");
});

hooks(
  "a worker that waits for its preFork is given up by a stop",
  async () => {
    const gate = Promise.withResolvers<object>();
    const { runtime, arbiter } = await start({
      workers: 1,
      preFork: () => gate.promise,
    });
    arbiter.stop("graceful");
    assert.is(await endOf(arbiter.milestones.done), "resolved");
    gate.resolve({});
    await settle();
    assert.is(runtime.children.length, 0);
  },
);

const additions: readonly [unknown, RegExp][] = [
  ["text", /give an object with env and args/],
  [{ environment: {} }, /give env and args, not "environment"/],
  [{ env: { A: 1 } }, /give env as an object of strings/],
  [{ env: { A: "1", B: 1 } }, /give env as an object of strings/],
  [{ env: "A=1" }, /give env as an object of strings/],
  [{ env: null }, /give env as an object of strings/],
  [{ args: ["--smol", 1] }, /give args as an array of strings/],
  [{ args: "--smol" }, /give args as an array of strings/],
  [{ args: ["--eval"] }, /Cannot use workerArgs "--eval" from preFork/],
];
for (const [value, message] of additions) {
  hooks(`what preFork returns is refused: ${message.source}`, async () => {
    const { runtime, log } = await start({
      workers: 1,
      preFork: () => value as object,
    });
    assert.is(runtime.children.length, 1);
    assert.match(log().join(), /Hook preFork failed: cannot use what it/);
    assert.match(log().join(), message);
  });
}

hooks("hooks are called in the order of what happens", async () => {
  const calls: string[] = [];
  const { runtime, arbiter } = await start({
    workers: 1,
    nworkersChanged: (_server, now, before) =>
      calls.push(`nworkersChanged ${before} ${now}`),
    preFork: (_server, { age, pid }) => {
      calls.push(`preFork ${age} ${pid}`);
    },
    workerReady: (_server, { age, pid }) =>
      calls.push(`workerReady ${age} ${pid}`),
    whenReady: (server) => calls.push(`whenReady ${server.addresses}`),
    childExit: (_server, { age }, exit) =>
      calls.push(`childExit ${age} ${JSON.stringify(exit)}`),
    onExit: () => calls.push("onExit"),
  });
  runtime.child(1).boot();
  runtime.child(1).exit({ signal: "SIGSEGV" });
  runtime.clock.pass(2000);
  runtime.child(2).boot();
  arbiter.stop("quick");
  runtime.child(2).exit({ code: 0 });
  assert.is(await endOf(arbiter.milestones.done), "resolved");
  assert.equal(calls, [
    "nworkersChanged undefined 1",
    "preFork 1 undefined",
    "workerReady 1 1001",
    "whenReady http://127.0.0.1:8000",
    'childExit 1 {"signal":"SIGSEGV"}',
    "preFork 2 undefined",
    "workerReady 2 1002",
    'childExit 2 {"code":0}',
    "onExit",
  ]);
});

hooks("a hook may wait for the stop that it asks for", async () => {
  const calls: string[] = [];
  const { runtime, arbiter } = await start({
    workers: 1,
    async whenReady(server) {
      await server.ready;
      await server.stop({ quick: true });
      calls.push("stopped");
    },
    onExit: () => calls.push("onExit"),
  });
  runtime.child(1).boot();
  await settle();
  assert.equal(runtime.child(1).told(), ["boot", "quit"]);
  runtime.child(1).exit({ code: 0 });
  await settle();
  assert.is(await endOf(arbiter.milestones.done), "resolved");
  assert.equal(calls, ["stopped", "onExit"]);
});

hooks("a server is stopped once where it is disposed of twice", async () => {
  const servers: CornServer[] = [];
  const { runtime, arbiter } = await start({
    workers: 1,
    whenReady: (server) => servers.push(server),
  });
  runtime.child(1).boot();
  const [server] = servers as [CornServer];
  const ends = [1, 2].map(() => server[Symbol.asyncDispose]());
  assert.equal(runtime.child(1).told(), ["boot", "drain"]);
  assert.equal(runtime.child(1).signals, []);
  runtime.child(1).exit({ code: 0 });
  await Promise.all(ends);
  assert.is(await endOf(arbiter.milestones.done), "resolved");
});

for (const timeoutMs of [-1, NaN, Infinity]) {
  hooks(`a stop within ${timeoutMs} ms is refused`, async () => {
    const refused: unknown[] = [];
    const { runtime } = await start({
      workers: 1,
      whenReady: (server) =>
        server.stop({ timeoutMs }).catch((error) => refused.push(error)),
    });
    runtime.child(1).boot();
    await settle();
    assert.instance(refused[0], RangeError);
    assert.equal(runtime.child(1).told(), ["boot"]);
  });
}

hooks("onExit comes after all other hooks have ended", async () => {
  const calls: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { runtime, arbiter } = await start({
    workers: 1,
    whenReady: () => gate.promise,
    onExit: () => calls.push("onExit"),
  });
  runtime.child(1).boot();
  arbiter.stop("graceful");
  runtime.child(1).exit();
  assert.is(await endOf(arbiter.milestones.gone), "resolved");
  assert.is(await endOf(arbiter.milestones.done), "pending");
  assert.equal(calls, []);
  gate.resolve();
  assert.is(await endOf(arbiter.milestones.done), "resolved");
  assert.equal(calls, ["onExit"]);
});

hooks("a second stop does not wait for hooks", async () => {
  const { runtime, arbiter } = await start({
    workers: 1,
    onExit: () => new Promise(() => {}),
  });
  runtime.child(1).boot();
  arbiter.stop("graceful");
  runtime.child(1).exit();
  assert.is(await endOf(arbiter.milestones.done), "pending");
  assert.is(arbiter.stopping, true);
  arbiter.stop("graceful");
  assert.is(await endOf(arbiter.milestones.hurried), "resolved");
  assert.is(await endOf(arbiter.milestones.done), "resolved");
});

hooks("a worker that could not be started has not ended", async () => {
  const calls: string[] = [];
  const { runtime, arbiter } = await serve({
    workers: 1,
    childExit: (_, { age }) => calls.push(`childExit ${age}`),
    workerReady: (_, { age }) => calls.push(`workerReady ${age}`),
    whenReady: () => calls.push("whenReady"),
  });
  runtime.spawnFailure = new Error("ENOENT");
  runtime.child(1).exit({ code: 1 });
  await settle();
  runtime.clock.pass(60_000);
  runtime.child(3).boot();
  assert.equal(calls, [
    ...["workerReady 1", "whenReady", "childExit 1", "workerReady 3"],
  ]);
  assert.is(arbiter.stopping, false);
});

hooks("onStarting and preExec may refuse", async () => {
  const no = () => {
    throw new Error("not today");
  };
  const { arbiter } = await prepare({ onStarting: no, preExec: no });
  assert.is(
    await endOf(arbiter.starting()),
    "Hook onStarting failed: not today",
  );
  assert.is(await endOf(arbiter.upgrading()), "Hook preExec failed: not today");
  const fine = await prepare({ onStarting() {} });
  assert.is(await endOf(fine.arbiter.starting()), "resolved");
  assert.is(await endOf(fine.arbiter.upgrading()), "resolved");
});

hooks(
  "what hooks leave running is guarded before the first of them",
  async () => {
    const calls: string[] = [];
    const guard = () => calls.push("guard");
    const { arbiter, runtime } = await prepare({
      workers: 1,
      onStarting: () => calls.push("onStarting"),
      workerReady: () => calls.push("workerReady"),
    }, { guard });
    assert.equal(calls, []);
    await arbiter.starting();
    arbiter.start();
    runtime.child(1).boot();
    assert.equal(calls, ["guard", "onStarting", "workerReady"]);
  },
);

hooks("after a reload those of the new config are called", async () => {
  const calls: string[] = [];
  const hooksOf = (name: string) => ({
    nworkersChanged: (_: unknown, now: number, before: number | undefined) =>
      calls.push(`${name}: ${before} to ${now}`),
    childExit: (_: unknown, { age }: { age: number }) =>
      calls.push(`${name}: ${age} ended`),
  });
  const site = await serve({ workers: 1, ...hooksOf("old") });
  const { runtime, arbiter } = site;
  site.next = { workers: 2, ...hooksOf("new") };
  void arbiter.reload();
  await settle();
  runtime.child(2).boot();
  runtime.child(3).boot();
  // A worker's end is told to the hooks that it was started with.
  runtime.child(1).exit();
  runtime.child(2).exit({ code: 1 });
  arbiter.scale(1);
  assert.equal(calls, [
    "old: undefined to 1",
    "new: 1 to 2",
    "old: 1 ended",
    "new: 2 ended",
    "new: 2 to 1",
  ]);
  assert.is(arbiter.config.settings.workers, 2);
});

hooks("a preFork with nothing to add adds nothing", async () => {
  for (const value of [undefined, null, {}, { env: {} }, { args: [] }]) {
    const { runtime, log } = await start({
      workers: 1,
      preFork: () => value as object,
    });
    assert.is(runtime.children.length, 1);
    assert.not.match(log().join(), "preFork");
  }
});

hooks.run();
