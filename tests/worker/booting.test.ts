import type {
  FailedMessage,
  LogMessage,
  MetricsMessage,
} from "../../src/protocol/messages.ts";
import { runWorker } from "../../src/worker/process.ts";
import type {
  ChannelEvents,
  TransportOptions,
} from "../../src/runtime/transport.ts";
import type { Channel } from "../../src/runtime/transport.ts";
import { encodeFrame, KINDS } from "../../src/tasks/frame.ts";
import * as assert from "../support/assert.ts";
import { FakeLink, FakeRuntime, settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";
import { bootOf } from "./boot.ts";

const booting = suite("boot of a worker");

const APP = "file:///srv/app.ts";
const HOOKS = "file:///srv/corn.config.ts";

/** A worker that is not booted yet, and in which order things happen in it. */
function run() {
  const runtime = new FakeRuntime();
  const link = runtime.link = new FakeLink();
  const done: string[] = [];
  const importModule = runtime.importModule.bind(runtime);
  runtime.importModule = (url) => {
    done.push(`import ${url.split("/").at(-1)}`);
    return importModule(url);
  };
  runtime.become = () => void done.push("become");
  const loadNative = runtime.loadNative.bind(runtime);
  runtime.loadNative = () => {
    done.push("load");
    return loadNative();
  };
  runWorker(runtime, () => Promise.reject(new Error("no threads")));
  return {
    runtime,
    link,
    done,
    lines: () => link.of<LogMessage>("log"),
    failed: () => link.of<FailedMessage>("failed")[0],
    async boot(given: Parameters<typeof bootOf>[0] = {}) {
      link.receive(bootOf(given));
      await until("its end, or its start", async () => {
        await settle();
        return link.of("ready").length > 0 || runtime.exits.length > 0;
      });
    },
  };
}

const TASKS = { pool: "images", timeoutMs: 0, cancelMs: 500, nice: 0 };

/** A worker of a task pool that boots, and a client that calls its tasks. */
function runTasks(module: Record<string, unknown>) {
  const site = run();
  const { runtime } = site;
  let options: TransportOptions | undefined;
  const loadTransport = runtime.loadTransport.bind(runtime);
  runtime.loadTransport = async () => ({
    ...await loadTransport(),
    listen: (_source: unknown, given: TransportOptions) => {
      options = given;
      return Promise.resolve({
        address: { kind: "unix", path: "/run/images" } as const,
        accept: () => true,
        close() {},
      });
    },
  });
  runtime.modules.set(APP, module);
  return {
    ...site,
    listens: () => options !== undefined,
    bootTasks: (given: Parameters<typeof bootOf>[0] = {}) =>
      site.boot({ ...given, plan: { tasks: TASKS, ...given.plan } }),
    call(task: string): ChannelEvents | undefined {
      const channel = { write: () => true, end() {}, cut() {} };
      const events = options?.accept(channel as unknown as Channel);
      for (const piece of encodeFrame(KINDS.call, { task, args: [] })) {
        events?.onData(piece);
      }
      return events;
    },
  };
}

booting(
  "a worker of a pool of tasks runs what the module exports",
  async () => {
    const called: string[] = [];
    const { bootTasks, call, link, runtime } = runTasks({
      render: () => called.push("render"),
      onStart: () => void called.push("onStart"),
      onStop: () => void called.push("onStop"),
    });
    await bootTasks({ plan: { tasks: { ...TASKS, nice: 5 } } });
    assert.equal(
      link.of<{ engine: string }>("ready").map(({ engine }) => engine),
      ["tasks"],
    );
    assert.is(runtime.nice, 5);
    call("render")?.onClose();
    await settle();
    assert.equal(called, ["onStart", "render"]);
    link.receive({ type: "drain" });
    await settle();
    assert.equal([called.at(-1), runtime.exits], ["onStop", [0]]);
  },
);

booting("tasks are as important as all else unless told", async () => {
  const { bootTasks, runtime } = runTasks({ render() {} });
  runtime.nice = -1;
  await bootTasks();
  assert.is(runtime.nice, -1);
});

booting(
  "a worker of tasks becomes who it is to be before it loads them",
  async () => {
    const { bootTasks, done } = runTasks({ render() {} });
    const identity = { uid: 1, gid: 1, groups: [1] };
    await bootTasks({ plan: { tasks: TASKS, process: { identity } } });
    assert.equal(done, ["become", "import app.ts"]);
    const other = runTasks({ render() {} });
    await other.bootTasks();
    assert.equal(other.done, ["import app.ts"]);
  },
);

booting("a check of tasks starts none of them", async () => {
  let started = 0;
  const { bootTasks, runtime, listens } = runTasks({
    render() {},
    onStart: () => void started++,
  });
  await bootTasks({ check: true });
  assert.equal([runtime.exits, started, listens()], [[0], 0, false]);
});

booting("a module without tasks is refused by name", async () => {
  for (
    const [module, more] of [
      [{ onStart() {}, limit: 3 }, ""],
      [{ default() {} }, " by name, and a default export is no task"],
    ] as const
  ) {
    const { bootTasks, failed, runtime } = runTasks(module);
    await bootTasks();
    assert.is(
      failed()?.message,
      `Cannot use "app.ts" as tasks: it exports no function${more}`,
    );
    assert.equal(runtime.exits, [4]);
  }
});

booting("tasks whose onStart() fails are not served", async () => {
  const { bootTasks, failed, listens } = runTasks({
    render() {},
    onStart() {
      throw new Error("no disk");
    },
  });
  await bootTasks();
  assert.is(failed()?.message, 'Cannot start tasks "app.ts": onStart() failed');
  assert.not(listens());
});

booting("QUIT while tasks start opens nothing", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { link, runtime, listens } = runTasks({
    render() {},
    onStart: () => promise,
  });
  link.receive(bootOf({ plan: { tasks: TASKS } }));
  await until("it is asked", async () => {
    await settle();
    return runtime.modules.size > 0;
  });
  runtime.signal("SIGQUIT");
  resolve();
  await settle();
  assert.equal([runtime.exits, listens(), link.of("ready")], [[0], false, []]);
});

booting("a task that does not end takes its process along", async () => {
  let stopped = 0;
  const { bootTasks, call, runtime, lines } = runTasks({
    render: () => new Promise(() => {}),
    onStop: () => void stopped++,
  });
  await bootTasks();
  call("render")?.onClose();
  runtime.clock.pass(500);
  await settle();
  assert.is(
    lines()[0]?.text,
    "Task render has not ended 0.5 s after its signal was aborted: its process ends",
  );
  assert.equal([runtime.exits, stopped], [[1], 0]);
});

booting("a pool's own metrics are told", async () => {
  const { bootTasks, link } = runTasks({
    render() {},
    metrics: () => "# TYPE rendered counter\nrendered_total 3\n",
  });
  await bootTasks({
    plan: { tasks: TASKS, telemetry: { requests: { bucketsMs: [10] } } },
  });
  const told = () => link.of<MetricsMessage>("metrics").at(-1)?.text;
  assert.match(await until("metrics", told), "rendered_total 3");
});

booting(
  "a worker on another runtime than was asked for does not start",
  async () => {
    const { boot, failed, runtime } = run();
    await boot({ runtime: "bun" });
    assert.match(failed()?.message ?? "", /^Cannot start workers on bun: /);
    assert.is(failed()?.kind, "boot");
    assert.equal(runtime.exits, [3]);
  },
);

booting(
  "what needs rights is loaded before a worker gives them up",
  async () => {
    const { boot, done, runtime } = run();
    runtime.modules.set(APP, { default: () => new Response("x") });
    await boot({
      plan: { process: { identity: { uid: 1, gid: 1, groups: [1] } } },
    });
    assert.equal(done.slice(0, 2), ["load", "become"]);
    assert.ok(done.indexOf("import app.ts") > done.indexOf("become"));
  },
);

/** A worker with a config file, whose hooks say when they are called. */
function runHooks(hooks: Record<string, unknown> = {}) {
  const site = run();
  const { runtime, done } = site;
  const say = (name: string) => () => void done.push(name);
  runtime.modules.set(HOOKS, {
    default: {
      postFork: say("postFork"),
      postWorkerInit: say("postWorkerInit"),
      workerExit: say("workerExit"),
      ...hooks,
    },
  });
  runtime.modules.set(APP, {
    default: { fetch: () => new Response("x"), onStart: say("onStart") },
  });
  return {
    ...site,
    bootHooks: (given: Parameters<typeof bootOf>[0] = {}) =>
      site.boot({ ...given, plan: { hooks: { url: HOOKS, limitMs: 0 } } }),
  };
}

booting("hooks are called around the app's start and at the end", async () => {
  const { bootHooks, done, link } = runHooks();
  await bootHooks();
  const called = () =>
    done.filter((one) => one !== "load" && !one.startsWith("import corn"));
  assert.equal(called(), [
    ...["postFork", "import app.ts", "onStart", "postWorkerInit"],
  ]);
  link.receive({ type: "quit" });
  await settle();
  assert.is(called().at(-1), "workerExit");
});

booting("a check calls no hook", async () => {
  const { bootHooks, done, runtime } = runHooks();
  await bootHooks({ check: true });
  assert.equal(done.filter((one) => /^(post|work|onS)/.test(one)), []);
  assert.equal(runtime.exits, [0]);
});

booting("workerAbort has its time at ABRT, and the worker ends", async () => {
  const { bootHooks, runtime, done } = runHooks({
    workerAbort: () => new Promise(() => {}),
  });
  await bootHooks();
  runtime.signal("SIGABRT");
  await settle();
  runtime.clock.pass(699);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal([runtime.exits, done.includes("workerExit")], [[1], false]);
  const quick = runHooks({ workerAbort() {} });
  await quick.bootHooks();
  quick.runtime.signal("SIGABRT");
  await settle();
  assert.equal(quick.runtime.exits, [1]);
});

booting("without workerAbort ABRT is the system's", async () => {
  const { bootHooks, runtime } = runHooks();
  await bootHooks();
  runtime.signal("SIGABRT");
  runtime.clock.pass(10_000);
  assert.equal(runtime.exits, []);
});

booting(
  "what sees requests of the runtime's own server is told of",
  async () => {
    for (const [http, level] of [["native", "info"], ["wire", "warning"]]) {
      const { boot, runtime, lines } = run();
      Object.assign(runtime, { isInstrumented: () => true });
      runtime.modules.set(APP, { default: () => new Response("x") });
      await boot({
        plan: { http: { engine: http as "native" } },
        listeners: [],
      });
      const [line] = lines().filter(({ text }) =>
        text.includes("instrumented")
      );
      assert.is(line?.level, level);
    }
  },
);

booting("one worker says so for all", async () => {
  const { boot, runtime, lines } = run();
  Object.assign(runtime, { isInstrumented: () => true });
  runtime.modules.set(APP, { default: () => new Response("x") });
  await boot({ tells: false });
  assert.equal(lines(), []);
});

booting.run();
