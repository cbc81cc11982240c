import type { WorkerPlan } from "../../src/protocol/worker-plan.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { BindError } from "../../src/base/errors.ts";
import { FlightRecorder } from "../../src/exchange/flight-record.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { settle, systemError } from "../support/fake/runtime.ts";
import { build, endOf, FAILED, prepare, serve, start } from "./site.ts";
import type { Site } from "./site.ts";

const arbiter = suite("arbiter");

arbiter("start() spawns corn's own module with sockets and slot", async () => {
  const { runtime } = await start({ env: { DEBUG: "1" } });
  const { options } = runtime.child(2);
  assert.is(options.executable, "/bin/node");
  assert.is(options.args.at(-1), "/corn/worker.ts");
  assert.is(options.env.CORN_WORKER_ID, "2");
  assert.is(options.env.DEBUG, "1");
  assert.equal(options.descriptors, [20, 21]);
});

arbiter("a hello is answered with what to serve", async () => {
  const { runtime } = await start({ maxRequests: 10, maxRequestsJitter: 4 });
  const child = runtime.child(2);
  assert.equal(child.told(), []);
  child.say({ type: "hello", runtime: "node", version: "24" });
  const [boot] = child.messages as unknown as [Record<string, unknown>];
  assert.is(boot.type, "boot");
  assert.is(boot.slot, 2);
  assert.is(boot.queue, 1);
  assert.is(boot.check, false);
  assert.equal(boot.listeners, [{
    address: { kind: "tcp", host: "127.0.0.1", port: 8000 },
    descriptors: [4, 5],
  }]);
  // The first tells what all would.
  runtime.child(1).say({ type: "hello", runtime: "node", version: "24" });
  const [other] = runtime.child(1).messages as { tells?: boolean }[];
  assert.equal([boot.tells, other?.tells], [true, false]);
  const { recycle } = boot.plan as WorkerPlan;
  assert.is(recycle.maxRequests, 12);
});

arbiter("workers of another corn are told of once", async () => {
  const { runtime, log } = await start({ workers: 3 });
  const hello = { type: "hello", runtime: "node", version: "24" };
  const corns = ["99.0.0", "99.0.0", undefined];
  for (const [at, corn] of corns.entries()) {
    runtime.child(at + 1).say({ ...hello, corn });
    assert.is(runtime.child(at + 1).told()[0], "boot");
  }
  const told = log().filter((line) => line.includes("99.0.0"));
  assert.is(told.length, 1);
  assert.match(told[0]!, /Workers run corn 99\.0\.0 .*"corn upgrade", or USR2/);
});

arbiter("a stop while many workers boot starts no other", async () => {
  const { runtime, arbiter } = await start({ workers: 20 });
  // Twice as many as there are processors.
  assert.is(runtime.children.length, 8);
  runtime.child(1).boot();
  assert.is(runtime.children.length, 9);
  arbiter.stop("cut");
  for (const child of runtime.children) child.exit({ code: 0 });
  assert.is(await arbiter.milestones.done, 0);
  assert.is(runtime.children.length, 9);
});

arbiter("the first ready worker announces the addresses, once", async () => {
  const { runtime, arbiter, log } = await start({
    bind: ["127.0.0.1:0", "unix:/run/corn.sock"],
  });
  assert.is(await endOf(arbiter.milestones.ready), "pending");
  runtime.child(2).boot();
  runtime.child(1).boot();
  assert.is(await endOf(arbiter.milestones.ready), "resolved");
  assert.equal(log(), [
    "[INFO] Worker 2 (pid 1002) ready in 0 ms",
    "[INFO] Listening at http://127.0.0.1:40000 (2 accept queues, held by the arbiter)",
    "[INFO] Listening at unix:/run/corn.sock (one accept queue, held by the arbiter)",
    "[INFO] Worker 1 (pid 1001) ready in 0 ms",
  ]);
  assert.equal(arbiter.view.addresses(), [
    "http://127.0.0.1:40000",
    "unix:/run/corn.sock",
  ]);
});

arbiter("status() tells of each worker by its last beat", async () => {
  const { runtime, arbiter } = await start({ workers: 1 });
  const worker = { slot: 1, pid: 1001, generation: 1 };
  assert.equal(arbiter.view.workers(), [
    { ...worker, phase: "booting", requests: 0, open: 0 },
  ]);
  runtime.child(1).boot();
  runtime.child(1).beat({ busy: true, open: 3 });
  assert.equal(arbiter.view.workers(), [
    { ...worker, phase: "ready", requests: 7, open: 3 },
  ]);
});

arbiter("connections that wait are given to another worker", async () => {
  const { runtime } = await start({ workers: 2 });
  for (const age of [1, 2]) runtime.child(age).boot();
  const told = (age: number) =>
    runtime.child(age).messages.filter(({ type }) =>
      type === "open" || type === "release"
    );
  runtime.waiting = [0, 3];
  runtime.child(2).beat({ busy: true, open: 1 });
  runtime.clock.pass(100);
  assert.equal(told(1), [{ type: "open", queue: 1 }]);
  runtime.waiting = [0, 0];
  runtime.child(2).beat();
  runtime.clock.pass(5000);
  assert.equal(told(1), [
    { type: "open", queue: 1 },
    { type: "release", queue: 1 },
  ]);
});

arbiter("a broken app is shown once and ends with exit code 4", async () => {
  const { runtime, arbiter, log } = await start({ workers: 3 });
  for (const child of runtime.children) {
    child.say(FAILED);
    child.exit({ code: 4 });
  }
  assert.is(await arbiter.milestones.done, 4);
  assert.match(await endOf(arbiter.milestones.ready), "exit code 4");
  const shown = log().filter((line) => line.includes("Cannot load app"));
  assert.equal(shown, ['[ERROR] Cannot load app "app.ts"']);
  assert.is(runtime.children.length, 3);
  assert.not(runtime.listeners.some(({ open }) => open));
  assert.equal(runtime.clock.due(), []);
});

arbiter(
  "a broken app ends with exit code 4 however its process ends",
  async () => {
    const { runtime, arbiter } = await start({ workers: 1 });
    runtime.child(1).say(FAILED);
    runtime.child(1).exit({ signal: "SIGSEGV" });
    assert.is(await arbiter.milestones.done, 4);
  },
);

arbiter("a worker that cannot be started ends with exit code 3", async () => {
  const site = await prepare({ workers: 1 });
  site.runtime.spawnFailure = new Error("spawn /bin/node ENOENT");
  site.arbiter.start();
  assert.is(await site.arbiter.milestones.done, 3);
  assert.equal(site.log(), [
    "[ERROR] Worker 1 cannot be started: spawn /bin/node ENOENT",
  ]);
});

arbiter(
  "prepare() closes what it opened where a later address fails",
  async () => {
    const { runtime, arbiter } = await build({
      bind: ["127.0.0.1:80", "127.0.0.1:81"],
    });
    const listen = runtime.listen.bind(runtime);
    runtime.listen = (address, options) => {
      if (runtime.listeners.length === 1) {
        runtime.listenFailure = systemError("EADDRINUSE");
      }
      return listen(address, options);
    };
    try {
      await arbiter.prepare();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, BindError);
    }
    assert.equal(runtime.listeners.map(({ open }) => open), [false]);
  },
);

/** An arbiter that takes over an address with three queues and a unix socket. */
function takeOver(
  options: CornConfig,
  shared: () => boolean = () => false,
): Promise<Site> {
  const handed = [
    {
      asked: "127.0.0.1:80",
      address: { kind: "tcp", host: "127.0.0.1", port: 80 },
      descriptors: [4, 5, 6],
      passed: false,
    },
    {
      asked: "unix:/run/corn.sock",
      address: { kind: "unix", path: "/run/corn.sock" },
      descriptors: [7],
      passed: false,
    },
  ] as const;
  return prepare(options, { handed, shared });
}

arbiter("pause() leaves a timer, which keeps the process alive", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  arbiter.pause();
  runtime.child(1).exit();
  assert.is(runtime.clock.due().length, 1);
  runtime.clock.pass(10_000_000);
  assert.is(runtime.clock.due().length, 1);
  assert.is(await endOf(arbiter.milestones.done), "pending");
});

arbiter("an idle pool sets a timer a second", async () => {
  const { runtime } = await serve({ workers: 4 });
  const before = runtime.clock.set;
  for (let second = 0; second < 600; second++) {
    runtime.clock.pass(1000);
    for (const child of runtime.children) child.beat();
  }
  assert.ok(runtime.clock.set - before <= 601, `${runtime.clock.set - before}`);
  assert.is(runtime.clock.due().length, 1);
});

arbiter(
  "a blocked worker is killed, and the log names what it was at",
  async () => {
    const { runtime, log } = await serve({ workers: 1, timeout: 2 });
    const child = runtime.child(1);
    const recorder = new FlightRecorder();
    runtime.records.set(1001, recorder);
    child.beat({ busy: true, open: 1 });
    recorder.begin({ method: "GET", url: "/spin?x=1" });
    runtime.clock.pass(1000);
    await settle();
    runtime.clock.pass(1000);
    assert.equal(child.signals, ["SIGABRT"]);
    assert.is(
      log().at(-1),
      "[CRITICAL] Worker 1 (pid 1001) silent for 2.0 s: its event loop is blocked by GET /spin for 2.0 s, killing it",
    );
    runtime.clock.pass(1000);
    assert.equal(child.signals, ["SIGABRT", "SIGKILL"]);
    child.exit({ signal: "SIGKILL" });
    assert.is(runtime.children.length, 2);
  },
);

arbiter(
  "a block makes all workers ready to tell where the next is",
  async () => {
    const { runtime, log } = await serve({ workers: 2 });
    const [one, two] = [runtime.child(1), runtime.child(2)];
    one.beat({ busy: true });
    runtime.clock.pass(1500);
    two.beat();
    assert.not(one.told().includes("watch"));
    one.say({
      ...{ type: "beat", requests: 1, open: 0, busy: false, blockedMs: 1400 },
      look: JSON.stringify({ begun: 1, frames: ["f (a.ts:1)"] }),
    });
    await settle();
    assert.ok(one.told().includes("watch") && two.told().includes("watch"));
    assert.is(
      log().at(-1),
      "[WARNING] Worker 1 (pid 1001) was blocked for 1.4 s: f (a.ts:1)",
    );
    one.exit({ code: 1 });
    const next = runtime.child(3);
    next.boot();
    assert.ok(next.told().includes("watch"));
  },
);

arbiter(
  "workers that stood still with the arbiter are not told as blocked",
  async () => {
    const { runtime, log } = await serve({ workers: 1 });
    const worker = runtime.child(1);
    worker.beat();
    runtime.clock.pass(100);
    runtime.clock.block(8000);
    worker.say({
      ...{ type: "beat", requests: 0, open: 0, busy: false, blockedMs: 7100 },
    });
    await settle();
    const told = () => log().filter((line) => line.includes("blocked"));
    assert.equal(told(), []);
    runtime.clock.pass(2100);
    worker.say({
      ...{ type: "beat", requests: 0, open: 0, busy: false, blockedMs: 1100 },
    });
    await settle();
    assert.is(told().length, 1, "what follows counts");
  },
);

arbiter(
  "a deadline that passes while workers are spawned is kept",
  async () => {
    const { runtime } = await serve({ timeout: 1 });
    const spawn = runtime.spawn.bind(runtime);
    runtime.clock.pass(500);
    runtime.child(2).beat();
    runtime.clock.pass(499);
    runtime.spawn = (options) => {
      runtime.clock.block(5);
      return spawn(options);
    };
    runtime.child(2).exit({ code: 1 });
    runtime.clock.pass(1);
    assert.equal(runtime.child(1).signals, ["SIGABRT"]);
  },
);

arbiter("reopen() has workers open their log files anew", async () => {
  const { arbiter, runtime } = await serve();
  assert.equal(arbiter.reopen(), []);
  assert.equal(runtime.children.map((child) => child.told().at(-1)), [
    "reopen",
    "reopen",
  ]);
});

arbiter("reopen() says what cannot be opened anew", async () => {
  const { arbiter, log, runtime } = await serve({
    accessLogfile: "/log/access",
  });
  runtime.files.failures.set("openAppend /log/access", systemError("EACCES"));
  const [failure, ...more] = arbiter.reopen();
  assert.match(failure ?? "", /^Cannot .*"\/log\/access"/);
  assert.equal(more, []);
  assert.is(log().at(-1), `[ERROR] ${failure}`);
  // The workers try for themselves.
  assert.is(runtime.child(2).told().at(-1), "reopen");
});

arbiter(
  "cancel() closes what was opened for a start that is none",
  async () => {
    const { runtime, arbiter } = await prepare();
    arbiter.cancel();
    assert.equal(runtime.listeners.map(({ open }) => open), [false]);
    assert.is(
      await endOf(arbiter.milestones.ready),
      "Stopped before a worker was ready",
    );
  },
);

arbiter("kill() ends a worker at once, and it is replaced", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  arbiter.kill(2);
  assert.equal(runtime.children.map(({ signals }) => signals), [
    [],
    ["SIGKILL"],
  ]);
  runtime.child(2).exit({ signal: "SIGKILL" });
  assert.is(runtime.children.length, 3);
});

arbiter("a replacement by an order is no failure of a reload", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  const reload = arbiter.reload();
  await settle();
  runtime.child(3).boot();
  arbiter.replace(3, false);
  runtime.child(4).boot();
  assert.is(await endOf(reload), "resolved");
});

arbiter("resize() spawns and drains", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  arbiter.resize(1);
  assert.is(runtime.child(2).options.env.CORN_WORKER_ID, "2");
  runtime.child(2).boot();
  arbiter.resize(-1);
  assert.ok(runtime.child(2).told().includes("drain"));
});

arbiter("a recycled worker drains after its replacement is ready", async () => {
  const { runtime, log } = await serve({ workers: 1 });
  runtime.child(1).say({
    type: "recycle",
    kind: "max_requests",
    reason: "1000 requests",
    failure: false,
  });
  assert.is(
    log().at(-1),
    "[INFO] Worker 1 (pid 1001) will be replaced after 1000 requests",
  );
  runtime.child(2).boot();
  assert.equal(runtime.child(1).told(), ["boot", "drain"]);
});

arbiter("a worker's line goes to the log under its own pid", async () => {
  const { runtime } = await serve({ workers: 1 });
  runtime.child(1).say({ type: "log", level: "error", text: "Oh no" });
  assert.match(runtime.stderr.text, "[1001] [ERROR] Oh no\n");
});

arbiter("what is no message changes nothing", async () => {
  const { runtime, arbiter } = await start({ workers: 1 });
  for (const message of [null, 1, "ready", {}, { type: "nonsense" }]) {
    runtime.child(1).say(message);
  }
  assert.is(arbiter.view.workers()[0]?.phase, "booting");
});

arbiter("stop() drains, closes the addresses and ends with 0", async () => {
  const { runtime, arbiter } = await serve();
  arbiter.stop("graceful");
  assert.equal(runtime.child(1).told(), ["boot", "drain"]);
  runtime.child(1).exit();
  assert.ok(runtime.listeners[0]?.open);
  runtime.child(2).exit();
  assert.is(await arbiter.milestones.done, 0);
  assert.not(runtime.listeners[0]?.open);
  assert.equal(runtime.clock.due(), []);
});

arbiter(
  "resize() tells who boots by message alone, for it may accept already",
  async () => {
    const { runtime, arbiter } = await serve({ workers: 1 });
    arbiter.resize(1);
    arbiter.resize(-1);
    const message = runtime.child(2).messages.at(-1);
    assert.equal(message, { type: "quit", unlessOpen: true });
    assert.equal(runtime.child(2).signals, []);
  },
);

arbiter("stop() tells workers to quit by message and signal", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  arbiter.stop("quick");
  assert.equal(runtime.child(1).told(), ["boot", "quit"]);
  assert.equal(runtime.child(1).signals, ["SIGQUIT"]);
  arbiter.stop("quick");
  assert.equal(runtime.child(1).signals, ["SIGQUIT", "SIGKILL"]);
});

arbiter(
  "stop() before a worker is ready rejects who waits for that",
  async () => {
    const { runtime, arbiter } = await start({ workers: 1 });
    arbiter.stop("quick");
    runtime.child(1).exit();
    assert.is(await arbiter.milestones.done, 0);
    assert.is(
      await endOf(arbiter.milestones.ready),
      "Stopped before a worker was ready",
    );
  },
);

arbiter("stop() before start() ends without a worker", async () => {
  const { runtime, arbiter } = await prepare();
  arbiter.stop("graceful");
  arbiter.start();
  assert.is(await arbiter.milestones.done, 0);
  assert.is(runtime.children.length, 0);
  assert.not(runtime.listeners[0]?.open);
});

arbiter("serves on the sockets that were handed over", async () => {
  const { runtime, arbiter } = await takeOver({ bind: ["127.0.0.1:80"] });
  assert.equal(runtime.listeners.map(({ queues }) => queues), [[4, 5, 6], [7]]);
  arbiter.start();
  assert.equal(runtime.child(1).options.descriptors, [4, 5, 6]);
  assert.equal(arbiter.handover(), [{
    asked: "127.0.0.1:80",
    address: { kind: "tcp", host: "127.0.0.1", port: 80 },
    descriptors: [4, 5, 6],
    passed: false,
  }]);
});

for (const shared of [true, false]) {
  arbiter(
    `closes what was handed over and is not wanted, ${
      shared ? "but leaves the name of a unix socket to its owner" : "all of it"
    }`,
    async () => {
      const { runtime } = await takeOver(
        { bind: ["127.0.0.1:80"] },
        () => shared,
      );
      const [tcp, unix] = runtime.listeners;
      assert.is(tcp?.open, true);
      assert.is(unix?.open, shared);
    },
  );
}

arbiter("closes what it left to another arbiter once it is alone", async () => {
  let shared = true;
  const { runtime, arbiter } = await takeOver(
    { bind: ["127.0.0.1:80"] },
    () => shared,
  );
  const [, unix] = runtime.listeners;
  arbiter.alone();
  assert.is(unix?.open, true);
  shared = false;
  arbiter.alone();
  assert.is(unix?.open, false);
});

arbiter("takes up again what it left to another arbiter", async () => {
  const bind = ["127.0.0.1:80"];
  const site = await takeOver({ bind, workers: 1 }, () => true);
  const { runtime, arbiter } = site;
  arbiter.start();
  runtime.child(1).boot();
  site.next = { bind: [...bind, "unix:/run/corn.sock"], workers: 1 };
  void arbiter.reload();
  await settle();
  assert.is(runtime.listeners.length, 2);
  assert.equal(runtime.child(2).options.descriptors, [4, 5, 6, 7]);
  arbiter.alone();
  assert.is(runtime.listeners[1]?.open, true);
});

arbiter("opens what was not handed over", async () => {
  const { runtime } = await takeOver({ bind: ["127.0.0.1:81"] });
  const [opened, tcp] = runtime.listeners;
  assert.equal(opened?.address, { kind: "tcp", host: "127.0.0.1", port: 81 });
  assert.is(tcp?.open, false);
});

arbiter(
  "whole rejects when corn ends before every worker is ready",
  async () => {
    const { runtime, arbiter } = await start({ workers: 2 });
    runtime.child(1).boot();
    arbiter.stop("graceful");
    for (const child of runtime.children) child.exit({ code: 0 });
    assert.match(
      await endOf(arbiter.milestones.whole),
      "before all workers were ready",
    );
  },
);

arbiter("whole resolves when every worker is ready", async () => {
  const { runtime, arbiter } = await prepare({ workers: 2 });
  arbiter.start();
  let whole = false;
  void arbiter.milestones.whole.then(() => whole = true);
  runtime.child(1).boot();
  await settle();
  assert.is(whole, false);
  runtime.child(2).boot();
  await settle();
  assert.is(whole, true);
});

arbiter("a kill that fails is a line, and the worker is given up", async () => {
  const { runtime, arbiter, log } = await serve({ workers: 2, timeout: 30 });
  runtime.child(1).killFailure = systemError("EPERM");
  for (let beat = 0; beat < 32; beat++) {
    runtime.child(2).beat();
    runtime.clock.pass(1000);
  }
  assert.equal(log().filter((line) => /cannot|Cannot/.test(line)), [
    "[ERROR] Cannot send SIGABRT to worker 1 (pid 1001): EPERM: it was to be so",
    "[ERROR] Cannot send SIGKILL to worker 1 (pid 1001): EPERM: it was to be so",
    "[ERROR] Worker 1 cannot be killed and is waited for no longer",
  ]);
  assert.equal(runtime.child(1).told().at(-1), "quit");
  assert.equal(arbiter.view.workers().map(({ pid }) => pid), [1002, 1003]);
  // What comes from it later says nothing.
  runtime.child(1).boot();
  runtime.child(1).exit({ signal: "SIGKILL" });
  assert.equal(arbiter.view.workers().map(({ pid }) => pid), [1002, 1003]);
});

arbiter("a spawn that throws is the end of that worker alone", async () => {
  const { runtime, arbiter, log } = await serve({ workers: 2 });
  const { spawn } = runtime;
  runtime.spawn = () => {
    throw systemError("EMFILE");
  };
  runtime.child(1).exit({ signal: "SIGKILL" });
  runtime.spawn = spawn;
  assert.match(log().at(-1) ?? "", /Worker 1 cannot be started: EMFILE/);
  runtime.clock.pass(1000);
  assert.is(arbiter.view.workers().length, 2);
  arbiter.stop("quick");
  assert.equal(runtime.child(2).told().at(-1), "quit");
});

arbiter.run();
