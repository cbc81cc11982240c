import { BootError } from "../../src/base/errors.ts";
import { loadHooks } from "../../src/worker/own-hooks.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import type { LogMessage } from "../../src/protocol/messages.ts";
import * as assert from "../support/assert.ts";
import { failure } from "../config/support.ts";
import { FakeLink, FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const own = suite("loadHooks()");

const URL = "file:///srv/my%20corn.config.ts";

/** The hooks of a config file that exports this. */
function load(content: unknown, thread?: number) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  if (content !== undefined) runtime.modules.set(URL, { default: content });
  const loaded = loadHooks(
    { url: URL, limitMs: 5000 },
    { slot: 2, age: 3, generation: 4, ...thread !== undefined && { thread } },
    createHost(runtime, link),
  );
  return { runtime, loaded, lines: () => link.of<LogMessage>("log") };
}

own(
  "takes the functions of a config file that are hooks of workers",
  async () => {
    const { hooks, limitMs } = await load({
      postFork() {},
      workerExit: "later",
      onStarting() {},
      app: "app.ts",
    }).loaded;
    assert.equal([Object.keys(hooks), limitMs], [["postFork"], 5000]);
  },
);

own("asks a function for them, with runtime and environment", async () => {
  const given: unknown[] = [];
  const { hooks } = await load((about: unknown) => {
    given.push(about);
    return Promise.resolve({ postFork() {} });
  }).loaded;
  assert.equal(Object.keys(hooks), ["postFork"]);
  assert.equal(given, [{ runtime: "node", env: { PATH: "/bin" } }]);
});

own("has none without a config file", async () => {
  const { hooks, call } = await loadHooks(
    undefined,
    { slot: 1, age: 1, generation: 1 },
    createHost(new FakeRuntime(), new FakeLink()),
  );
  assert.equal([hooks, call("postFork")], [{}, undefined]);
  assert.equal((await load(7).loaded).hooks, {});
});

own("calls a hook with its worker, whose log is the arbiter's", async () => {
  const given: Record<string, unknown>[] = [];
  const { loaded, lines } = load({
    postFork(worker: { log: { warning(text: string): void } }) {
      given.push(worker as unknown as Record<string, unknown>);
      worker.log.warning("hello");
    },
  });
  const { call, worker } = await loaded;
  await call("postFork");
  assert.is(given[0], worker as unknown);
  const { log: _, ...rest } = worker;
  assert.equal(rest, {
    ...{ slot: 2, age: 3, generation: 4 },
    ...{ pid: 100, runtime: "node" },
  });
  assert.equal(lines().map(({ level, text }) => [level, text]), [
    ["warning", "hello"],
  ]);
  assert.is(call("workerExit"), undefined);
  assert.is((await load({}, 7).loaded).worker.thread, 7);
});

own("names a config file that cannot be loaded", async () => {
  const error = await failure(load(undefined).loaded);
  assert.instance(error, BootError);
  assert.match(
    error.message,
    /^Cannot load the hooks of config file "\/srv\/my corn\.config\.ts": ENOENT/,
  );
});

own.run();
