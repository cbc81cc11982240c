import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Arbiter } from "../../src/arbiter/arbiter.ts";
import type { ArbiterOptions } from "../../src/arbiter/options.ts";
import type { Config, CornConfig } from "../../src/config/types.ts";
import { BindError, ConfigError, CornError } from "../../src/errors.ts";
import { openErrorLog } from "../../src/log/error-log.ts";
import { load } from "../config/support.ts";
import { createNotifier } from "../../src/arbiter/systemd.ts";
import {
  ALONE,
  FakeRuntime,
  settle,
  systemError,
} from "../support/fake-runtime.ts";

const arbiter = suite("arbiter");

interface Site {
  readonly runtime: FakeRuntime;
  readonly arbiter: Arbiter;
  /** What the next reload reads; an error to refuse it. */
  next: CornConfig | Error;
  /** Log lines so far, without time and pid. */
  log(): string[];
}

function configOf(options: CornConfig): Promise<Config> {
  return load({ options: { app: "app.ts", ...options } });
}

/** An arbiter on a fake machine. */
async function build(
  options: CornConfig = {},
  inheritance: Partial<ArbiterOptions> = {},
): Promise<Site> {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  const config = await configOf({ workers: 2, ...options });
  const log = openErrorLog(runtime, {
    errorLogfile: "-",
    logFormat: "text",
    logLevel: "debug",
  });
  const site: Site = {
    runtime,
    next: { workers: 2, ...options },
    log: () =>
      runtime.stderr.text.split("\n").filter((line) => line !== "")
        .map((line) => line.replace(/^\[[^\]]*\] \[\d+\] /, "")),
    arbiter: new Arbiter({
      runtime,
      notifier: createNotifier(runtime, ALONE),
      passed: [],
      handed: [],
      shared: () => false,
      log,
      config,
      reread: () =>
        site.next instanceof Error
          ? Promise.reject(site.next)
          : configOf(site.next),
      module: "file:///corn/mod.ts",
      dev: true,
      ...inheritance,
    }),
  };
  return site;
}

/** An arbiter with its addresses open. */
async function prepare(...given: Parameters<typeof build>): Promise<Site> {
  const site = await build(...given);
  await site.arbiter.prepare();
  return site;
}

async function start(options: CornConfig = {}): Promise<Site> {
  const site = await prepare(options);
  site.arbiter.start();
  return site;
}

async function serve(options: CornConfig = {}): Promise<Site> {
  const site = await start(options);
  for (const child of [...site.runtime.children]) child.boot();
  return site;
}

/** How a promise ended, or `pending`. */
async function endOf(promise: Promise<unknown>): Promise<string> {
  let end = "pending";
  promise.then(() => end = "resolved", (error) => end = error.message);
  await settle();
  return end;
}

arbiter("start() spawns corn's own module with sockets and slot", async () => {
  const { runtime } = await start({ env: { DEBUG: "1" } });
  const { options } = runtime.child(2);
  assert.is(options.executable, "/bin/node");
  assert.is(options.args.at(-1), "/corn/mod.ts");
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
  assert.equal(boot.listeners, [{
    address: { kind: "tcp", host: "127.0.0.1", port: 8000 },
    descriptors: [4, 5],
  }]);
  assert.is(boot.maxRequests, 12);
});

const queues = [
  [undefined, Number.MAX_SAFE_INTEGER],
  [0, Number.MAX_SAFE_INTEGER],
  ["none", 0],
  [3, 3],
] as const;
for (const [maxQueue, boot] of queues) {
  arbiter(`a maxQueue of ${maxQueue} lets ${boot} requests wait`, async () => {
    const { runtime } = await start(maxQueue === undefined ? {} : { maxQueue });
    const child = runtime.child(1);
    child.say({ type: "hello", runtime: "node", version: "24" });
    const [message] = child.messages as unknown as [Record<string, unknown>];
    assert.is(message.maxQueue, boot);
  });
}

for (const [timeout, idleBeatMs] of [[30, 1000], [1, 250], [0, 1000]]) {
  arbiter(
    `a timeout of ${timeout} s asks for a beat each ${idleBeatMs} ms`,
    async () => {
      const { runtime } = await start({ timeout });
      runtime.child(1).boot();
      const [boot] = runtime.child(1).messages as unknown as [
        { idleBeatMs: number },
      ];
      assert.is(boot.idleBeatMs, idleBeatMs);
    },
  );
}

arbiter("the first ready worker announces the addresses, once", async () => {
  const { runtime, arbiter, log } = await start({
    bind: ["127.0.0.1:0", "unix:/run/corn.sock"],
  });
  assert.is(await endOf(arbiter.ready), "pending");
  runtime.child(2).boot();
  runtime.child(1).boot();
  assert.is(await endOf(arbiter.ready), "resolved");
  assert.equal(log(), [
    "[INFO] Worker 2 (pid 1002) ready in 0 ms",
    "[INFO] Listening at http://127.0.0.1:40000 (2 accept queues, held by the arbiter)",
    "[INFO] Listening at unix:/run/corn.sock (one accept queue, held by the arbiter)",
    "[INFO] Worker 1 (pid 1001) ready in 0 ms",
  ]);
  assert.equal(arbiter.addresses(), [
    "http://127.0.0.1:40000",
    "unix:/run/corn.sock",
  ]);
});

arbiter("status() tells of each worker by its last beat", async () => {
  const { runtime, arbiter } = await start({ workers: 1 });
  const worker = { slot: 1, pid: 1001, generation: 1 };
  assert.equal(arbiter.status(), [
    { ...worker, phase: "booting", requests: 0, open: 0 },
  ]);
  runtime.child(1).boot();
  runtime.child(1).beat({ busy: true, open: 3 });
  assert.equal(arbiter.status(), [
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

const FAILED = {
  type: "failed",
  kind: "app",
  message: 'Cannot load app "app.ts"',
  stack: "SyntaxError: no\n    at app.ts:1",
};

arbiter("a broken app is shown once and ends with exit code 4", async () => {
  const { runtime, arbiter, log } = await start({ workers: 3 });
  for (const child of runtime.children) {
    child.say(FAILED);
    child.exit({ code: 4 });
  }
  assert.is(await arbiter.done, 4);
  assert.match(await endOf(arbiter.ready), "exit code 4");
  const shown = log().filter((line) => line.includes("Cannot load app"));
  assert.equal(shown, ['[ERROR] Cannot load app "app.ts"']);
  assert.is(runtime.children.length, 3);
  assert.not(runtime.listeners.some(({ open }) => open));
  assert.equal(runtime.clock.due(), []);
});

arbiter("a failure is shown again at the next reload", async () => {
  const { runtime, arbiter, log } = await serve({ workers: 1 });
  for (const age of [2, 3]) {
    const reload = arbiter.reload();
    await settle();
    runtime.child(age).say(FAILED);
    runtime.child(age).exit({ code: 4 });
    assert.is(await endOf(reload), "Reload failed");
  }
  const shown = log().filter((line) => line.includes("Cannot load app"));
  assert.is(shown.length, 2);
});

arbiter("a worker that cannot be started ends with exit code 3", async () => {
  const site = await prepare({ workers: 1 });
  site.runtime.spawnFailure = new Error("spawn /bin/node ENOENT");
  site.arbiter.start();
  assert.is(await site.arbiter.done, 3);
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
function takeOver(options: CornConfig, shared = false): Promise<Site> {
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
  return prepare(options, { handed, shared: () => shared });
}

arbiter(
  "reload() resolves when every slot is of the new generation",
  async () => {
    const { runtime, arbiter, log } = await serve();
    const reload = arbiter.reload();
    await settle();
    runtime.child(3).boot();
    assert.equal(runtime.child(1).told(), ["boot", "drain"]);
    assert.is(await endOf(reload), "pending");
    runtime.child(4).boot();
    assert.is(await endOf(reload), "resolved");
    assert.ok(
      log().includes("[INFO] Reload done in 0 ms: generation 2 serves"),
    );
    assert.equal(
      runtime.listeners.map(({ open }) => open),
      [true],
      "the same socket serves on",
    );
  },
);

arbiter("reload() rejects when the new generation cannot boot", async () => {
  const { runtime, arbiter } = await serve();
  const reload = arbiter.reload();
  await settle();
  runtime.child(3).exit({ code: 4 });
  assert.is(await endOf(reload), "Reload failed");
  assert.equal(runtime.child(1).told(), ["boot"]);
});

arbiter("reload() with a bad config changes nothing", async () => {
  const site = await serve();
  const { runtime, arbiter, log } = site;
  site.next = new ConfigError('Cannot use workers "0"');
  assert.is(await endOf(arbiter.reload()), 'Cannot use workers "0"');
  assert.is(runtime.children.length, 2);
  assert.is(
    log().at(-1),
    '[ERROR] Reload refused, nothing changes: Cannot use workers "0"',
  );
  site.next = {};
  const again = arbiter.reload();
  await settle();
  runtime.child(3).boot();
  runtime.child(4).boot();
  runtime.child(5)?.boot();
  runtime.child(6)?.boot();
  assert.is(await endOf(again), "resolved");
});

arbiter(
  "reload() with an address that cannot be opened changes nothing",
  async () => {
    const site = await serve();
    const { runtime, arbiter } = site;
    site.next = { workers: 2, bind: ["127.0.0.1:8000", "127.0.0.1:9000"] };
    runtime.listenFailure = systemError("EADDRINUSE");
    assert.match(await endOf(arbiter.reload()), "address in use");
    assert.is(runtime.children.length, 2);
    assert.equal(runtime.listeners.map(({ open }) => open), [true]);
  },
);

arbiter("a second reload() waits for a roll-out of its own", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  const first = arbiter.reload();
  await settle();
  const second = arbiter.reload();
  runtime.child(2).boot();
  assert.is(await endOf(first), "resolved");
  assert.is(await endOf(second), "pending");
  runtime.child(3).boot();
  assert.is(await endOf(second), "resolved");
  assert.is(runtime.children.length, 3);
});

arbiter("reload() while the config is read asks for another", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  const first = arbiter.reload();
  const second = arbiter.reload();
  await settle();
  runtime.child(2).boot();
  assert.is(await endOf(first), "resolved");
  runtime.child(3).boot();
  assert.is(await endOf(second), "resolved");
});

arbiter(
  "reload() opens a new address and closes the old when its last worker is gone",
  async () => {
    const site = await serve({ workers: 1 });
    const { runtime, arbiter, log } = site;
    site.next = { workers: 1, bind: "127.0.0.1:9000" };
    void arbiter.reload();
    await settle();
    const open = () => runtime.listeners.map(({ open }) => open);
    assert.equal(open(), [true, true]);
    runtime.child(2).boot();
    assert.equal(open(), [true, true], "worker 1 still drains");
    runtime.child(1).exit();
    assert.equal(open(), [false, true]);
    assert.equal(arbiter.addresses(), ["http://127.0.0.1:9000"]);
    assert.ok(
      log().some((line) => line.includes("Listening at http://127.0.0.1:9000")),
    );
  },
);

arbiter("reload() closes a new address again when it fails", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter } = site;
  site.next = { workers: 1, bind: "127.0.0.1:9000" };
  const reload = arbiter.reload();
  await settle();
  runtime.child(2).exit({ code: 3 });
  assert.is(await endOf(reload), "Reload failed");
  assert.equal(runtime.listeners.map(({ open }) => open), [true, false]);
});

arbiter("reload() gives workers the queues of the new addresses", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter } = site;
  site.next = { workers: 2, bind: "127.0.0.1:9000" };
  void arbiter.reload();
  await settle();
  runtime.child(3).boot();
  const [boot] = runtime.child(3).messages as unknown as [
    { queue: number; listeners: { descriptors: number[] }[] },
  ];
  assert.is(boot.queue, 1);
  assert.equal(boot.listeners[0]?.descriptors, [4, 5]);
});

arbiter("reload() rejects when corn stops meanwhile", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  const reload = arbiter.reload();
  await settle();
  arbiter.stop("graceful");
  assert.is(await endOf(reload), "pending");
  runtime.child(1).exit();
  runtime.child(2).exit();
  assert.is(await endOf(reload), "Cannot reload: corn stops");
  assert.is(
    await endOf(arbiter.reload()),
    "Cannot reload: corn does not run",
  );
});

arbiter("a stop while the config is read leaves no address open", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter } = site;
  site.next = { workers: 1, bind: "127.0.0.1:9000" };
  const reload = arbiter.reload();
  arbiter.stop("quick");
  runtime.child(1).exit();
  assert.is(await arbiter.done, 0);
  assert.is(await endOf(reload), "Cannot reload: corn stops");
  assert.not(runtime.listeners.some(({ open }) => open));
});

arbiter("pause() rejects the reloads that it ends", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  const first = arbiter.reload();
  await settle();
  const second = arbiter.reload();
  arbiter.pause();
  assert.is(await endOf(first), "Reload failed");
  assert.is(await endOf(second), "Workers are paused");
  for (const child of runtime.children) child.exit();
  assert.is(runtime.children.length, 2);
});

arbiter("pause() leaves a timer, which keeps the process alive", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  arbiter.pause();
  runtime.child(1).exit();
  assert.is(runtime.clock.due().length, 1);
  runtime.clock.pass(10_000_000);
  assert.is(runtime.clock.due().length, 1);
  assert.is(await endOf(arbiter.done), "pending");
});

arbiter("an idle pool sets few timers", async () => {
  const { runtime } = await serve({ workers: 4 });
  const before = runtime.clock.set;
  for (let second = 0; second < 600; second++) {
    runtime.clock.pass(1000);
    for (const child of runtime.children) child.beat();
  }
  assert.ok(runtime.clock.set - before <= 25, `${runtime.clock.set - before}`);
  assert.is(runtime.clock.due().length, 1);
});

arbiter(
  "a blocked worker is killed, and the log names what it was at",
  async () => {
    const { runtime, log } = await serve({ workers: 1, timeout: 2 });
    const child = runtime.child(1);
    const oldest = [{ method: "GET", path: "/spin", ms: 0 }];
    child.beat({ busy: true, open: 1, oldest });
    runtime.clock.pass(2000);
    assert.equal(child.signals, ["SIGABRT"]);
    assert.is(
      log().at(-1),
      "[CRITICAL] Worker 1 (pid 1001) silent for 2.0 s: its event loop is blocked, killing it; open at its last sign of life: GET /spin for 2.0 s",
    );
    runtime.clock.pass(1000);
    assert.equal(child.signals, ["SIGABRT", "SIGKILL"]);
    child.exit({ signal: "SIGKILL" });
    assert.is(runtime.children.length, 2);
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
  assert.is(arbiter.status()[0]?.phase, "booting");
});

arbiter("stop() drains, closes the addresses and ends with 0", async () => {
  const { runtime, arbiter } = await serve();
  arbiter.stop("graceful");
  assert.equal(runtime.child(1).told(), ["boot", "drain"]);
  runtime.child(1).exit();
  assert.ok(runtime.listeners[0]?.open);
  runtime.child(2).exit();
  assert.is(await arbiter.done, 0);
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
    assert.is(await arbiter.done, 0);
    assert.is(await endOf(arbiter.ready), "Stopped before a worker was ready");
  },
);

arbiter("stop() before start() ends without a worker", async () => {
  const { runtime, arbiter } = await prepare();
  arbiter.stop("graceful");
  arbiter.start();
  assert.is(await arbiter.done, 0);
  assert.is(runtime.children.length, 0);
  assert.not(runtime.listeners[0]?.open);
});

arbiter("reload() before start() is refused", async () => {
  const { arbiter } = await prepare();
  try {
    await arbiter.reload();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CornError);
  }
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
      const { runtime } = await takeOver({ bind: ["127.0.0.1:80"] }, shared);
      const [tcp, unix] = runtime.listeners;
      assert.is(tcp?.open, true);
      assert.is(unix?.open, shared);
    },
  );
}

arbiter("opens what was not handed over", async () => {
  const { runtime } = await takeOver({ bind: ["127.0.0.1:81"] });
  const [opened, tcp] = runtime.listeners;
  assert.equal(opened?.address, { kind: "tcp", host: "127.0.0.1", port: 81 });
  assert.is(tcp?.open, false);
});

arbiter("whole resolves when every worker is ready", async () => {
  const { runtime, arbiter } = await prepare({ workers: 2 });
  arbiter.start();
  let whole = false;
  void arbiter.whole.then(() => whole = true);
  runtime.child(1).boot();
  await settle();
  assert.is(whole, false);
  runtime.child(2).boot();
  await settle();
  assert.is(whole, true);
});

arbiter("a preFork that takes its time holds nobody else up", async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<object>());
  const { runtime, arbiter, log } = await start({
    workers: 2,
    bootTimeout: 5,
    preFork: (_server, { slot }) => slot === 1 ? undefined : gates[0]?.promise,
  });
  // The first is started, the second waits.
  assert.is(runtime.children.length, 1);
  runtime.child(1).boot();
  assert.equal(arbiter.status().map(({ phase }) => phase), [
    "ready",
    "booting",
  ]);
  gates[0]?.resolve({ env: { SHARD: "2" }, args: ["--smol"] });
  await settle();
  const { env, args } = runtime.child(2).options;
  assert.is(env.SHARD, "2");
  assert.equal(args.slice(-2), ["--smol", "/corn/mod.ts"]);
  assert.not.ok(log().some((line) => /preFork/.test(line)));
});

arbiter("a preFork that is late adds nothing", async () => {
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

arbiter(
  "a worker that waits for its preFork is given up by a stop",
  async () => {
    const gate = Promise.withResolvers<object>();
    const { runtime, arbiter } = await start({
      workers: 1,
      preFork: () => gate.promise,
    });
    arbiter.stop("graceful");
    assert.is(await endOf(arbiter.done), "resolved");
    gate.resolve({});
    await settle();
    assert.is(runtime.children.length, 0);
  },
);

const additions: readonly [unknown, RegExp][] = [
  ["text", /give an object with env and args/],
  [{ environment: {} }, /give env and args, not "environment"/],
  [{ env: { A: 1 } }, /give env as an object of strings/],
  [{ args: "--smol" }, /give args as an array of strings/],
  [{ args: ["--eval"] }, /Cannot use workerArgs "--eval" from preFork/],
];
for (const [value, message] of additions) {
  arbiter(`what preFork returns is refused: ${message.source}`, async () => {
    const { runtime, log } = await start({
      workers: 1,
      preFork: () => value as object,
    });
    assert.is(runtime.children.length, 1);
    assert.match(log().join(), /Hook preFork failed: cannot use what it/);
    assert.match(log().join(), message);
  });
}

arbiter("hooks are called in the order of what happens", async () => {
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
    whenReady: (server) => calls.push(`whenReady ${server.addresses()}`),
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
  assert.is(await endOf(arbiter.done), "resolved");
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

arbiter.run();
