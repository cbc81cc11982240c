import type { CornConfig } from "../../../src/config/table/types.ts";
import { POOLS_VARIABLE } from "../../../src/tasks/messages.ts";
import type { FakeChild } from "../../support/fake/process.ts";
import { settle, systemError } from "../../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { endOf, FAILED, prepare } from "../site.ts";
import type { Site } from "../site.ts";

const pools = suite("task pools");

const TASKS: CornConfig = {
  workers: 1,
  tasks: {
    images: { module: "images.ts", workers: 2, timeout: 5, env: { A: "1" } },
    mails: { module: "mails.ts", maxTasks: 10 },
  },
};

/** Which pool a process is of, or `app`. */
function poolOf({ options }: FakeChild): string {
  return options.env.CORN_TASK_POOL ?? "app";
}

function named(site: Site, pool: string): FakeChild[] {
  return site.runtime.children.filter((child) => poolOf(child) === pool);
}

/** The signals and messages that a child was given. */
function told(child: FakeChild | undefined): string[] {
  return (child?.messages ?? []).map(({ type }) => type);
}

async function begin(options: CornConfig = TASKS): Promise<Site> {
  const site = await prepare(options);
  for (const name of ["images", "mails"]) {
    site.runtime.files.texts.set(`/srv/${name}.ts`, "");
  }
  site.arbiter.start();
  await settle();
  return site;
}

async function serve(options?: CornConfig): Promise<Site> {
  const site = await begin(options);
  for (const child of [...site.runtime.children]) child.boot();
  await settle();
  for (const child of named(site, "app")) child.boot();
  return site;
}

pools("a socket that cannot be made is named, with the way out", async () => {
  const site = await prepare(TASKS);
  for (const name of ["images", "mails"]) {
    site.runtime.files.texts.set(`/srv/${name}.ts`, "");
  }
  site.runtime.files.texts.set("/tmp/other", "");
  site.runtime.listenFailure = systemError("EROFS");
  site.arbiter.start();
  await settle();
  assert.match(
    site.log().at(-1) ?? "",
    /^\[ERROR\] Cannot open the socket of task pool "images" at "\/tmp\/corn-.+\.sock": the file system is read-only; the variable RUNTIME_DIRECTORY names another folder$/,
  );
});

pools("a socket's path that is too long is told of as such", async () => {
  const site = await prepare(TASKS);
  for (const name of ["images", "mails"]) {
    site.runtime.files.texts.set(`/srv/${name}.ts`, "");
  }
  // As in a test's or a sandbox's folder.
  const folder = `/${"d".repeat(100)}`;
  site.runtime.files.texts.set(`${folder}/other`, "");
  site.runtime.env.RUNTIME_DIRECTORY = folder;
  site.runtime.listenFailure = systemError("EINVAL");
  site.arbiter.start();
  await settle();
  assert.match(
    site.log().at(-1) ?? "",
    /d\/corn-.+\.sock": the path has 1\d\d bytes, a unix socket's may have 107; the variable RUNTIME_DIRECTORY names another folder$/,
  );
});

pools("no worker starts before each pool can be called", async () => {
  const site = await begin();
  assert.equal(site.runtime.children.map(poolOf), [
    "images",
    "images",
    "mails",
  ]);
  const [first, , mails] = site.runtime.children;
  first?.boot();
  await settle();
  assert.is(named(site, "app").length, 0);
  mails?.boot();
  await settle();
  const [app] = named(site, "app");
  const sockets = JSON.parse(app?.options.env[POOLS_VARIABLE] ?? "{}");
  assert.equal(Object.keys(sockets), ["images", "mails"]);
  assert.is.not(sockets.images.path, sockets.mails.path);
  assert.ok(sockets.images.most > 100);
  assert.is(app?.options.env.A, undefined);
  assert.is(first?.options.env.A, "1");
  const [boot] = first?.messages as unknown as { plan: { tasks: unknown } }[];
  assert.equal(boot?.plan.tasks, {
    pool: "images",
    timeoutMs: 5000,
    cancelMs: 2000,
    nice: 0,
  });
});

pools("what happens in one pool concerns no other", async () => {
  const site = await serve();
  const { runtime } = site;
  const [image, other] = named(site, "images");
  image?.exit({ code: 1 });
  await settle();
  runtime.clock.pass(3000);
  await settle();
  assert.is(named(site, "images").length, 3);
  assert.is(named(site, "mails").length, 1);
  assert.is(named(site, "app").length, 1);
  assert.ok(
    site.log().some((line) => /Tasks images: Worker 1 .* exit/.test(line)),
  );
  assert.equal(told(other).filter((type) => type === "drain"), []);
});

pools("a pool that cannot boot ends the start with its code", async () => {
  const site = await begin();
  const { arbiter } = site;
  for (const child of named(site, "images")) {
    child.say({ type: "hello", runtime: "node", version: "24" });
    child.say({ ...FAILED, message: 'Cannot load app "images.ts"' });
    child.exit({ code: 4 });
  }
  await settle();
  // The other one is told to go.
  for (const child of named(site, "mails")) child.exit({ code: 0 });
  await settle();
  assert.is(await arbiter.milestones.done, 4);
  assert.is(named(site, "app").length, 0);
});

pools("a stop while tasks boot ends without a worker", async () => {
  const site = await begin();
  site.arbiter.stop("graceful");
  await settle();
  for (const child of [...site.runtime.children]) child.exit({ code: 0 });
  await settle();
  assert.is(await site.arbiter.milestones.done, 0);
  assert.is(named(site, "app").length, 0);
});

pools("a stop ends the app first, then its tasks", async () => {
  const site = await serve();
  site.arbiter.stop("graceful");
  await settle();
  const [app] = named(site, "app");
  const tasks = [...named(site, "images"), ...named(site, "mails")];
  assert.ok(told(app).includes("drain"));
  for (const child of tasks) assert.not.ok(told(child).includes("drain"));
  app?.exit({ code: 0 });
  await settle();
  for (const child of tasks) assert.ok(told(child).includes("drain"));
  assert.is(await endOf(site.arbiter.milestones.gone), "pending");
  for (const child of tasks) child.exit({ code: 0 });
  await settle();
  assert.is(await site.arbiter.milestones.done, 0);
});

pools(
  "a reload brings pools of its own, and the old ones stay while the old app does",
  async () => {
    const site = await serve();
    const old = [...site.runtime.children];
    site.next = TASKS;
    const reloaded = site.arbiter.reload();
    await settle();
    const fresh = site.runtime.children.filter((one) => !old.includes(one));
    assert.equal(fresh.map(poolOf), ["images", "images", "mails"]);
    for (const child of fresh) child.boot();
    await settle();
    const app = named(site, "app").at(-1);
    assert.not.ok(old.includes(app as FakeChild));
    app?.boot();
    await settle();
    const [oldApp] = named(site, "app");
    assert.ok(told(oldApp).includes("drain"));
    for (const one of old) {
      if (one !== oldApp) assert.not.ok(told(one).includes("drain"));
    }
    oldApp?.exit({ code: 0 });
    await settle();
    for (const one of old) assert.ok(told(one).includes("drain"));
    await reloaded;
    assert.not.equal(
      app?.options.env[POOLS_VARIABLE],
      oldApp?.options.env[POOLS_VARIABLE],
    );
    assert.equal(
      site.arbiter.view.tasks().map(({ name, ready }) => [name, ready]),
      [["images", 2], ["mails", 1]],
    );
  },
);

pools("a reload whose pool cannot boot changes nothing", async () => {
  const site = await serve();
  const old = [...site.runtime.children];
  site.next = TASKS;
  const reloaded = endOf(site.arbiter.reload());
  await settle();
  const fresh = site.runtime.children.filter((one) => !old.includes(one));
  for (const child of fresh) child.exit({ code: 4 });
  await settle();
  assert.match(await reloaded, /task pool "(images|mails)"|pending/);
  for (const one of old) assert.not.ok(told(one).includes("drain"));
  assert.equal(
    site.arbiter.view.tasks().map(({ ready }) => ready),
    [2, 1],
  );
});

pools(
  "two pools and an app converge whatever happens to their processes",
  async () => {
    const seed = anySeed();
    console.log(`\n# seed ${seed}`);
    const random = randomFrom(seed);
    for (let round = 0; round < 6; round++) {
      const site = await serve();
      const { runtime, arbiter } = site;
      const gone = new Set<FakeChild>();
      const ready = new Set(runtime.children);
      const end = (child: FakeChild, code: number) => {
        gone.add(child);
        child.exit({ code });
      };
      const living = () => runtime.children.filter((one) => !gone.has(one));
      /** Does what processes do that are told something. */
      const obey = () => {
        for (const child of living()) {
          if (child.signals.includes("SIGKILL")) end(child, 137);
          else if (/drain|quit/.test(told(child).join())) end(child, 0);
          else if (!ready.has(child)) {
            ready.add(child);
            child.boot();
          }
        }
      };
      obey();
      await settle();
      for (let step = 0; step < 40; step++) {
        const all = living();
        const one = all[Math.floor(random() * all.length)];
        const chance = random();
        if (chance < 0.2 && one !== undefined) end(one, 1);
        else if (chance < 0.25) {
          site.next = TASKS;
          arbiter.reload().catch(() => {});
        } else if (chance < 0.6) obey();
        else {
          for (const child of living()) if (ready.has(child)) child.beat();
          runtime.clock.pass(Math.floor(random() * 2000));
        }
        await settle();
      }
      for (let step = 0; step < 60; step++) {
        obey();
        for (const child of living()) if (ready.has(child)) child.beat();
        runtime.clock.pass(2000);
        await settle();
      }
      const counts = (pool: string) =>
        living().filter((child) => poolOf(child) === pool).length;
      assert.equal(
        ["app", "images", "mails"].map(counts),
        [1, 2, 1],
        `round ${round}`,
      );
      arbiter.stop("graceful");
      for (let step = 0; step < 6; step++) {
        obey();
        await settle();
      }
      assert.is(living().length, 0);
      assert.is(await arbiter.milestones.done, 0);
    }
  },
);

/** What is told of each pool. */
function statusOf({ arbiter }: Site) {
  return arbiter.view.tasks().map((
    { name, wanted, ready, calls, open, pids },
  ) =>
    `${name}: ${ready} of ${wanted} ready, ${calls} calls, ${open} open, ${
      pids.join("+")
    }`
  );
}

pools("calls are counted beyond the processes that took them", async () => {
  const site = await serve();
  const [image, other] = named(site, "images");
  assert.equal(statusOf(site), [
    "images: 2 of 2 ready, 0 calls, 0 open, 1001+1002",
    "mails: 1 of 1 ready, 0 calls, 0 open, 1003",
  ]);
  for (const child of [image, other]) child?.beat({ open: 2 });
  assert.is(
    statusOf(site)[0],
    "images: 2 of 2 ready, 14 calls, 4 open, 1001+1002",
  );
  image?.exit({ code: 1 });
  assert.is(
    statusOf(site)[0],
    "images: 1 of 2 ready, 14 calls, 2 open, 1002+1005",
  );
  // Those of before a reload are of the same name.
  const old = [...site.runtime.children];
  site.next = TASKS;
  void site.arbiter.reload();
  await settle();
  const fresh = () => site.runtime.children.filter((one) => !old.includes(one));
  for (const child of fresh()) child.boot();
  await settle();
  named(site, "app").at(-1)?.boot();
  fresh()[0]?.beat();
  await settle();
  assert.match(
    statusOf(site)[0] ?? "",
    "images: 2 of 2 ready, 21 calls, 0 open",
  );
  named(site, "app")[0]?.exit();
  await settle();
  for (const child of old) if (!child.gone) child.exit();
  await settle();
  assert.match(
    statusOf(site)[0] ?? "",
    "images: 2 of 2 ready, 21 calls, 0 open",
  );
});

pools("reopen() has its processes open their log files anew", async () => {
  const site = await serve();
  site.arbiter.reopen();
  for (const child of site.runtime.children) {
    assert.is(told(child).at(-1), "reopen");
  }
});

pools("a stop with a time of its own holds for tasks too", async () => {
  const site = await serve();
  site.arbiter.stop("graceful", 7000);
  named(site, "app")[0]?.exit();
  await settle();
  for (const child of [...named(site, "images"), ...named(site, "mails")]) {
    const { type, withinMs } = child.messages.at(-1) as {
      type: string;
      withinMs?: number;
    };
    assert.equal([type, withinMs], ["drain", 7000]);
  }
});

const ONE: CornConfig = {
  workers: 1,
  tasks: { images: { module: "images.ts", maxQueue: 10, workers: 2 } },
};

pools("a single pool is opened, called and waited for as well", async () => {
  const site = await serve(ONE);
  const { arbiter, runtime } = site;
  const [app] = named(site, "app");
  const { images } = JSON.parse(app?.options.env[POOLS_VARIABLE] ?? "{}");
  // All that wait and run, and as many that a client does not know to be over.
  assert.is(images.most, 24);
  const { backlog = 0, ...options } = runtime.listeners.at(-1)?.options ?? {};
  assert.equal(options, {
    ...{ queues: 1, reusePort: false, unixMode: 0o600, unixOwner: undefined },
  });
  assert.is(backlog, 9, "one more may wait");
  arbiter.stop("graceful");
  app?.exit();
  assert.is(await endOf(arbiter.milestones.gone), "pending");
  for (const child of named(site, "images")) child.exit();
  assert.is(await arbiter.milestones.done, 0);
});

pools("pools that drain after a reload are told so once", async () => {
  const site = await serve();
  const old = [...named(site, "images"), ...named(site, "mails")];
  site.next = TASKS;
  void site.arbiter.reload();
  await settle();
  const all = () => site.runtime.children.filter(({ gone }) => !gone);
  for (const child of all()) if (child.told().length === 0) child.boot();
  await settle();
  named(site, "app").at(-1)?.boot();
  named(site, "app")[0]?.exit();
  // Whatever ends then.
  named(site, "app").at(-1)?.exit({ code: 1 });
  await settle();
  for (const child of old) {
    assert.equal([child.told(), child.signals], [["boot", "drain"], []]);
  }
});

pools("a stop before its pools are there starts none", async () => {
  const site = await prepare(ONE);
  site.runtime.files.texts.set("/srv/images.ts", "");
  site.arbiter.start();
  site.arbiter.stop("graceful");
  await settle();
  assert.is(await site.arbiter.milestones.done, 0);
  assert.is(site.runtime.children.length, 0);
  assert.not.ok(site.runtime.listeners.some(({ open }) => open));
});

pools("sockets of pools whose arbiter was killed are removed", async () => {
  const site = await prepare(ONE);
  const { texts } = site.runtime.files;
  texts.set("/srv/images.ts", "");
  texts.set("/tmp/corn-8-abc-images-1.sock", "");
  site.arbiter.start();
  await settle();
  assert.not.ok(texts.has("/tmp/corn-8-abc-images-1.sock"));
});

pools("tasks are refused where their sockets cannot be made", async () => {
  const site = await prepare(ONE);
  site.runtime.holdsListeners = false;
  site.arbiter.start();
  await settle();
  assert.match(
    site.log().at(-1) ?? "",
    /Cannot use tasks from serve\(\): node may not call libc here, .*--allow-ffi/,
  );
});

pools("a pool whose code cannot be kept compiled goes without", async () => {
  const site = await prepare({ ...ONE, compileCache: "/c" });
  site.runtime.files.texts.set("/srv/images.ts", "");
  site.runtime.files.failures.set("makePrivate /c/0", systemError("EROFS"));
  site.arbiter.start();
  await settle();
  assert.is(
    site.log().at(-1),
    '[DEBUG] Tasks images: Workers keep no compiled code in "/c/0": EROFS: it was to be so',
  );
  assert.is(named(site, "images").length, 2);
});

pools("a second stop ends tasks at once", async () => {
  const site = await serve();
  site.arbiter.stop("graceful");
  named(site, "app")[0]?.exit();
  await settle();
  site.arbiter.stop("quick");
  await settle();
  for (const child of [...named(site, "images"), ...named(site, "mails")]) {
    assert.equal(child.signals, ["SIGKILL"]);
  }
});

pools("a pool that cannot be started ends the start with 3", async () => {
  const site = await begin();
  for (const child of named(site, "images")) child.exit({ code: 1 });
  await settle();
  for (const child of named(site, "mails")) child.exit({ code: 0 });
  await settle();
  assert.is(await site.arbiter.milestones.done, 3);
  assert.is(
    site.log().filter((line) => line.startsWith("[ERROR] Cannot")).join(),
    '[ERROR] Cannot start task pool "images": none of its workers is ready',
  );
  assert.equal(site.runtime.listeners.filter(({ open }) => open), []);
});

pools("tasks that are not there end the start as an app does", async () => {
  for (
    const [path, reason] of [
      ["/srv/mails.ts", "no such file in /srv"],
      ["/srv/images.ts/a", "it is a folder, not a module"],
    ] as const
  ) {
    const site = await prepare(TASKS);
    site.runtime.files.texts.set(path, "");
    site.arbiter.start();
    await settle();
    assert.is(
      site.log().at(-1),
      `[ERROR] Cannot load tasks "images.ts": ${reason}`,
    );
    assert.is(await site.arbiter.milestones.done, 4);
  }
});

pools("what happens in a pool is told with its name", async () => {
  const notes: string[] = [];
  const site = await prepare(TASKS, {
    onNote: ({ about }, { pool, text, facts }) =>
      void notes.push(`${pool}: ${about}, ${facts?.pid}, ${text}`),
  });
  for (const name of ["images", "mails"]) {
    site.runtime.files.texts.set(`/srv/${name}.ts`, "");
  }
  site.arbiter.start();
  await settle();
  site.runtime.child(3).boot();
  assert.equal(notes, [
    "mails: ready, 1003, Worker 1 (pid 1003) ready in 0 ms",
  ]);
  assert.is(
    site.log().at(-1),
    "[INFO] Tasks mails: Worker 1 (pid 1003) ready in 0 ms",
  );
});

pools("a failure is shown again once one was ready meanwhile", async () => {
  const site = await serve();
  const shown = () =>
    site.log().filter((line) => line.includes("Cannot load app")).length;
  const fail = () => {
    const child = named(site, "mails").at(-1);
    child?.say(FAILED);
    child?.exit({ code: 4 });
    site.runtime.clock.pass(60_000);
  };
  fail();
  fail();
  assert.is(shown(), 1);
  named(site, "mails").at(-1)?.boot();
  fail();
  assert.is(shown(), 2);
});

pools("once all have ended nothing waits and nothing is open", async () => {
  const site = await serve();
  const { runtime, arbiter } = site;
  arbiter.stop("graceful");
  for (const child of [...named(site, "app")]) child.exit();
  await settle();
  for (const child of runtime.children) if (!child.gone) child.exit();
  await settle();
  assert.equal(runtime.clock.due(), []);
  assert.equal(runtime.listeners.filter(({ open }) => open), []);
});

pools.run();
