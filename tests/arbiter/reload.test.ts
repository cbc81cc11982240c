import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { ConfigError, CornError } from "../../src/base/errors.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { settle, systemError } from "../support/fake/runtime.ts";
import { build, endOf, FAILED, prepare, serve, start } from "./site.ts";

const reloading = suite("reloading");

reloading("a failure is shown again at the next reload", async () => {
  const { runtime, arbiter, log } = await serve({ workers: 1 });
  for (const age of [2, 3]) {
    const reload = arbiter.reload();
    await settle();
    runtime.child(age).say(FAILED);
    runtime.child(age).exit({ code: 4 });
    assert.match(await endOf(reload), /^Reload (failed|stopped): /);
  }
  const shown = log().filter((line) => line.includes("Cannot load app"));
  assert.is(shown.length, 2);
});

reloading("the first worker of a new generation is proved", async () => {
  const { runtime, arbiter } = await serve({ workers: 2, minUptime: 3 });
  const proofOf = (age: number) => {
    const [boot] = runtime.child(age).messages as { proofMs?: number }[];
    return boot?.proofMs;
  };
  assert.equal([1, 2].map(proofOf), [0, 0], "nothing is lost at the start");
  void arbiter.reload();
  await settle();
  runtime.child(3).boot();
  runtime.child(4).boot();
  assert.equal([3, 4].map(proofOf), [3000, 0]);
});

reloading(
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

reloading(
  "reload() resolves once no worker of before accepts any more",
  async () => {
    const { runtime, arbiter, log } = await serve({ workers: 1 });
    const reload = arbiter.reload();
    await settle();
    runtime.child(1).closes = false;
    runtime.child(2).boot();
    assert.equal(runtime.child(1).told(), ["boot", "drain"]);
    assert.is(await endOf(reload), "pending");
    runtime.clock.pass(100);
    runtime.child(1).say({ type: "closed" });
    assert.is(await endOf(reload), "resolved");
    assert.match(log().at(-1) ?? "", "Reload done in 100 ms");
  },
);

reloading("reload() rejects when the new generation cannot boot", async () => {
  const { runtime, arbiter } = await serve();
  const reload = arbiter.reload();
  await settle();
  runtime.child(3).exit({ code: 4 });
  assert.match(await endOf(reload), /^Reload (failed|stopped): /);
  assert.equal(runtime.child(1).told(), ["boot"]);
});

reloading("a config that is read for long is told of", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter, log } = site;
  const { promise, resolve } = Promise.withResolvers<CornConfig>();
  site.next = promise;
  const reload = arbiter.reload();
  runtime.clock.pass(1900);
  await settle();
  assert.not.match(log().at(-1) ?? "", "waits");
  runtime.clock.pass(100);
  assert.is(
    log().at(-1),
    "[INFO] The reload waits for the config, which is being read",
  );
  resolve({ workers: 1 });
  await settle();
  runtime.child(2).boot();
  assert.is(await endOf(reload), "resolved");
  // One that is read at once waits for nothing.
  void arbiter.reload();
  await settle();
  runtime.clock.pass(5000);
  assert.is(log().filter((line) => line.includes("waits")).length, 1);
});

reloading("reload() with a bad config changes nothing", async () => {
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

reloading(
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

reloading(
  "reload() with what cannot be had beside the workers changes nothing",
  async () => {
    const text = "Cannot open --admin 127.0.0.1:9000: address in use";
    const { runtime, arbiter } = await serve({}, {
      onConfig: () => Promise.reject(new CornError(text)),
    });
    assert.is(await endOf(arbiter.reload()), text);
    assert.is(runtime.children.length, 2);
  },
);

reloading("a second reload() waits for a roll-out of its own", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  const first = arbiter.reload();
  await settle();
  runtime.child(3).boot();
  const second = arbiter.reload();
  runtime.child(4).boot();
  assert.is(await endOf(first), "resolved");
  assert.is(await endOf(second), "pending");
  runtime.child(5).boot();
  runtime.child(6).boot();
  assert.is(await endOf(second), "resolved");
  assert.is(runtime.children.length, 6);
});

reloading("a second reload() takes the place of one that hangs", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter, log } = site;
  const first = arbiter.reload();
  await settle();
  runtime.clock.pass(5000);
  site.next = { workers: 1, keepAlive: 7 };
  const second = arbiter.reload();
  await settle();
  assert.equal(runtime.child(2).told(), ["quit"]);
  runtime.child(3).boot();
  assert.is(await endOf(second), "pending", "it may have accepted");
  runtime.child(2).exit();
  assert.is(await endOf(first), "resolved");
  assert.is(await endOf(second), "resolved");
  assert.is(arbiter.config.settings.keepAlive, 7);
  assert.ok(
    log().some((line) =>
      line.includes(
        "generation 2, of which no worker was ready after 5.0 s, makes way for another",
      )
    ),
  );
});

reloading("reload() while the config is read has it read again", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  const first = arbiter.reload();
  const second = arbiter.reload();
  await settle();
  runtime.child(2).boot();
  assert.is(await endOf(first), "resolved");
  assert.is(await endOf(second), "resolved");
  assert.is(runtime.children.length, 2);
});

reloading(
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
    assert.equal(arbiter.view.addresses(), ["http://127.0.0.1:9000"]);
    assert.ok(
      log().some((line) => line.includes("Listening at http://127.0.0.1:9000")),
    );
  },
);

reloading("reload() closes a new address again when it fails", async () => {
  const site = await serve({ workers: 1 });
  const { runtime, arbiter } = site;
  site.next = { workers: 1, bind: "127.0.0.1:9000" };
  const reload = arbiter.reload();
  await settle();
  runtime.child(2).exit({ code: 3 });
  assert.match(await endOf(reload), /^Reload (failed|stopped): /);
  assert.equal(runtime.listeners.map(({ open }) => open), [true, false]);
});

reloading(
  "reload() gives workers the queues of the new addresses",
  async () => {
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
  },
);

reloading("reload() rejects when corn stops meanwhile", async () => {
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

reloading(
  "a stop while the config is read leaves no address open",
  async () => {
    const site = await serve({ workers: 1 });
    const { runtime, arbiter } = site;
    site.next = { workers: 1, bind: "127.0.0.1:9000" };
    const reload = arbiter.reload();
    arbiter.stop("quick");
    runtime.child(1).exit();
    assert.is(await arbiter.milestones.done, 0);
    assert.is(await endOf(reload), "Cannot reload: corn stops");
    assert.not(runtime.listeners.some(({ open }) => open));
  },
);

reloading("pause() rejects the reloads that it ends", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  const first = arbiter.reload();
  await settle();
  runtime.child(3).boot();
  const second = arbiter.reload();
  arbiter.pause();
  assert.match(await endOf(first), /^Reload (failed|stopped): /);
  assert.is(await endOf(second), "Workers are paused");
  for (const child of runtime.children) child.exit();
  assert.is(runtime.children.length, 4);
});

reloading("pause() while the config is read gives the reload up", async () => {
  const { runtime, arbiter, log } = await serve({ workers: 1 });
  const reload = arbiter.reload();
  arbiter.pause();
  assert.is(await endOf(reload), "Workers are paused");
  runtime.child(1).exit();
  assert.is(runtime.children.length, 1);
  assert.ok(
    log().includes(
      "[ERROR] Reload refused, nothing changes: Workers are paused",
    ),
  );
});

reloading("a size that is ordered while the config is read holds", async () => {
  const { runtime, arbiter } = await serve({ workers: 1 });
  void arbiter.reload();
  arbiter.scale(3);
  arbiter.resize(-1);
  await settle();
  for (const child of runtime.children.slice(1)) child.boot();
  for (const child of runtime.children.slice(1)) child.boot();
  assert.is(arbiter.view.state?.rollout, undefined);
  assert.is(arbiter.view.state?.wanted, 2);
});

reloading("a reload that is refused takes its canary with it", async () => {
  const site = await serve({ workers: 2 });
  const { arbiter } = site;
  const rollout = () => arbiter.view.state?.rollout;
  site.next = new ConfigError("Cannot use it");
  assert.is(await endOf(arbiter.reload({ canary: 9 })), "Cannot use it");
  site.next = { workers: 2 };
  void arbiter.reload();
  await settle();
  assert.is(rollout()?.generation, 2);
  assert.is(rollout()?.canary, undefined);
});

reloading("a pause takes the canary of what waits with it", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  void endOf(arbiter.reload());
  await settle();
  runtime.child(3).boot();
  const second = arbiter.reload({ canary: 9 });
  arbiter.pause();
  assert.is(await endOf(second), "Workers are paused");
  for (const child of runtime.children) child.exit();
  void arbiter.reload();
  await settle();
  const { rollout } = arbiter.view.state ?? {};
  assert.equal([rollout?.generation, rollout?.canary], [3, undefined]);
});

reloading("a reload that failed takes its canary with it", async () => {
  const { runtime, arbiter } = await serve({ workers: 2 });
  const first = arbiter.reload({ canary: 9 });
  await settle();
  runtime.child(3).exit({ code: 4 });
  assert.match(await endOf(first), "Reload failed");
  void arbiter.reload();
  await settle();
  const { rollout } = arbiter.view.state ?? {};
  assert.equal([rollout?.generation, rollout?.canary], [3, undefined]);
});

reloading("what is given up while it is read opens nothing", async () => {
  const site = await serve({ workers: 1 });
  site.next = { workers: 1, bind: "127.0.0.1:9000" };
  const reload = site.arbiter.reload();
  site.arbiter.pause();
  assert.is(await endOf(reload), "Workers are paused");
  assert.is(site.runtime.listeners.length, 1);
});

reloading(
  "what is given up while it is opened concerns nobody else",
  async () => {
    let configs = 0;
    const site = await serve({ workers: 1 }, {
      onConfig: () => Promise.resolve(void configs++),
    });
    const { runtime, arbiter } = site;
    const gate = Promise.withResolvers<void>();
    const listen = runtime.listen.bind(runtime);
    runtime.listen = async (...given) => {
      await gate.promise;
      return await listen(...given);
    };
    site.next = { workers: 1, bind: "127.0.0.1:9000" };
    const reload = arbiter.reload();
    await settle();
    arbiter.pause();
    gate.resolve();
    assert.is(await endOf(reload), "Workers are paused");
    assert.is(configs, 0);
    assert.equal(runtime.listeners.map(({ open }) => open), [true, false]);
  },
);

for (const order of ["pause", "stop"] as const) {
  reloading(`a ${order} leaves log and hooks as they were`, async () => {
    const gate = Promise.withResolvers<void>();
    const site = await serve({ workers: 1 }, { onConfig: () => gate.promise });
    let hooks = 0;
    site.next = { workers: 1, logLevel: "error", onReload: () => hooks++ };
    const reload = site.arbiter.reload();
    await settle();
    if (order === "pause") site.arbiter.pause();
    else site.arbiter.stop("graceful");
    gate.resolve();
    await settle();
    const lines = site.log().length;
    site.runtime.child(1).exit();
    assert.ok(site.log().length > lines, "it is as grave as before");
    assert.match(await endOf(reload), /are paused$|corn stops$/);
    assert.is(hooks, 0);
  });
}

reloading("a start that fails ends the reload that was asked for", async () => {
  const gate = Promise.withResolvers<CornConfig>();
  const site = await start({ workers: 1 });
  site.next = gate.promise;
  const reload = site.arbiter.reload();
  site.runtime.child(1).exit({ code: 4 });
  assert.is(await site.arbiter.milestones.done, 4);
  assert.is(await endOf(reload), "Cannot reload: corn stops");
  gate.resolve({ workers: 1, bind: "127.0.0.1:9000" });
  await settle();
  assert.equal(site.runtime.listeners.map(({ open }) => open), [false]);
  assert.is(site.runtime.children.length, 1);
  assert.not.match(site.log().join(), "Reload refused");
});

reloading("a reload in place of one with a canary has it too", async () => {
  const { arbiter } = await serve({ workers: 2 });
  const first = arbiter.reload({ canary: 9 });
  await settle();
  const { rollout } = arbiter.view.state ?? {};
  assert.is(rollout?.canary?.forMs, 9000);
  void arbiter.reload();
  await settle();
  const { rollout: next } = arbiter.view.state ?? {};
  assert.is(next?.generation, 3);
  assert.is(next?.canary?.forMs, 9000);
  assert.is(await endOf(first), "pending");
});

/** A notifier that writes down what a service manager is told. */
function noted() {
  const told: string[] = [];
  const note = (text: string) => () => void told.push(text);
  return {
    told,
    notifier: {
      ready: note("ready"),
      reloading: note("reloading"),
      settled: (text: string) => void told.push(text),
      promoted: note("promoted"),
      stopping: note("stopping"),
      close: note("close"),
    },
  };
}

reloading("a service manager is told of each reload, and its end", async () => {
  const { told, notifier } = noted();
  const site = await serve({ workers: 1 }, { notifier });
  const { runtime, arbiter } = site;
  const since = () => told.splice(0);
  assert.equal(since(), ["ready"]);
  const done = arbiter.reload();
  await settle();
  assert.equal(since(), ["reloading"]);
  runtime.child(2).boot();
  await done;
  assert.equal(since(), ["ready", "Serving generation 2"]);
  const failed = arbiter.reload();
  await settle();
  runtime.child(3).exit({ code: 4 });
  assert.match(await endOf(failed), "Reload failed");
  assert.equal(since(), ["reloading", "Serving: the reload failed"]);
  site.next = new ConfigError("Cannot use it");
  assert.is(await endOf(arbiter.reload()), "Cannot use it");
  assert.equal(since(), ["reloading", "Serving: the reload was refused"]);
  arbiter.stop("graceful");
  assert.equal(since(), ["stopping"]);
});

reloading(
  "hooks and figures are told of a reload that came to nothing",
  async () => {
    const called: string[] = [];
    let refused = 0;
    const site = await serve({
      workers: 1,
      onReload: () => void called.push("onReload"),
      reloadFailed: (_, { message }) => void called.push(message),
    }, {
      witness: () => ({
        ...{ onStep() {}, onFigures() {}, onMetrics() {} },
        onRefused: () => void refused++,
      }),
    });
    const { runtime, arbiter } = site;
    const failed = arbiter.reload();
    await settle();
    runtime.child(2).exit({ code: 4 });
    const why = await endOf(failed);
    assert.match(why, /^Reload failed: generation 1 serves on; /);
    assert.equal([called.splice(0), refused], [["onReload", why], 0]);
    site.next = new ConfigError("Cannot use it");
    await endOf(arbiter.reload());
    assert.equal([called, refused], [["Cannot use it"], 1]);
  },
);

reloading("the log is as the new config says", async () => {
  const site = await serve({ workers: 1 });
  site.next = { workers: 1, logLevel: "error" };
  void site.arbiter.reload();
  await settle();
  const lines = site.log().length;
  site.runtime.child(2).boot();
  assert.is(site.log().length, lines, "nothing is grave enough");
});

for (
  const [what, options] of [
    ["what it asks for is had", (gate: Promise<void>) => ({
      onConfig: () => gate,
    })],
    ["its hook runs", (gate: Promise<void>) => ({ onReload: () => gate })],
  ] as const
) {
  const begin = async () => {
    const gate = Promise.withResolvers<void>();
    const given = options(gate.promise);
    const site = await serve(
      { workers: 1, ..."onReload" in given && given },
      "onConfig" in given ? given : {},
    );
    const { onReload } = given as { onReload?: () => Promise<void> };
    site.next = { workers: 1, ...onReload && { onReload } };
    const reload = site.arbiter.reload();
    await settle();
    assert.is(site.runtime.children.length, 1);
    return { ...site, reload, open: () => gate.resolve() };
  };

  reloading(`a pause while ${what} gives the reload up`, async () => {
    const { arbiter, runtime, reload, open } = await begin();
    arbiter.pause();
    open();
    assert.is(await endOf(reload), "Workers are paused");
    runtime.child(1).exit();
    assert.is(runtime.children.length, 1);
  });

  reloading(`a stop while ${what} gives the reload up`, async () => {
    const { arbiter, runtime, reload, open } = await begin();
    arbiter.stop("graceful");
    open();
    await settle();
    runtime.child(1).exit();
    assert.is(await endOf(reload), "Cannot reload: corn stops");
    assert.is(runtime.children.length, 1);
    assert.is(await arbiter.milestones.done, 0);
  });

  reloading(`a reload while ${what} begins it again`, async () => {
    const { arbiter, runtime, reload, open } = await begin();
    const again = arbiter.reload();
    open();
    await settle();
    assert.is(runtime.children.length, 2);
    runtime.child(2).boot();
    assert.is(await endOf(reload), "resolved");
    assert.is(await endOf(again), "resolved");
    assert.is(runtime.children.length, 2);
  });
}

reloading("reload() before start() is refused", async () => {
  const { arbiter } = await prepare();
  try {
    await arbiter.reload();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CornError);
  }
});

reloading("reload() is refused where nothing runs, or corn stops", async () => {
  const refused = "Cannot reload: corn does not run";
  const { arbiter: idle } = await build();
  assert.is(await endOf(idle.reload()), refused);
  const { arbiter } = await serve();
  arbiter.stop("graceful");
  assert.is(await endOf(arbiter.reload()), refused);
});

reloading.run();
