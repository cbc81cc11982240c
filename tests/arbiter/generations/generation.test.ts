import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  bootMessage,
  canaryOf,
  mostDrainingOf,
  prepareGeneration,
} from "../../../src/arbiter/generations/generation.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import type { OpenListener } from "../../../src/arbiter/sockets/listeners.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const generation = suite("generation");

async function prepare(options: CornConfig = {}, runtime = new FakeRuntime()) {
  runtime.files.texts.set("/srv/app.ts", "");
  runtime.files.texts.set("/bin/bun", "");
  const names = namesOf(runtime, "file:///corn/worker.ts");
  return await prepareGeneration(await configOf(options), runtime, names);
}

async function refusal(
  options: CornConfig,
  sendsUnixDatagrams: boolean,
): Promise<string> {
  const runtime = Object.assign(new FakeRuntime(), { sendsUnixDatagrams });
  return await prepare(options, runtime).then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );
}

generation("its times are milliseconds, of settings in seconds", async () => {
  const { limits } = await prepare({
    bootTimeout: 60,
    timeout: 30,
    slowLoop: 1.5,
    gracefulTimeout: 20,
    drainDelay: 5,
  });
  assert.equal(limits, {
    bootMs: 60_000,
    silenceMs: 30_000,
    slowMs: 1500,
    gracefulMs: 20_000,
    drainDelayMs: 5000,
    tellsBlocks: true,
  });
});

generation("a block is told of where one worker has one loop", async () => {
  const tells = async (options: CornConfig) =>
    (await prepare(options)).limits.tellsBlocks;
  assert.is(await tells({ workerClass: "sync" }), false);
  assert.is(await tells({ workerClass: "async" }), true);
  assert.is(await tells({ threads: 2 }), false);
});

generation("the worker that a debugger has is held to no time", async () => {
  const { limits } = await prepare({ inspect: "127.0.0.1:9229" });
  assert.is(limits.inspected, 1);
});

generation("a worker gets a descriptor for each of its threads", async () => {
  assert.is((await prepare()).copies, 1);
  assert.is((await prepare({ threads: 3 })).copies, 3);
});

generation("the processors say how many workers there are", async () => {
  const plain = await prepare({ workers: "auto" });
  assert.equal([plain.workers, plain.most, plain.bootsAtOnce], [4, 4, 8]);
  const ranged = await prepare({ workers: "2..6", shrinkAfter: 30 });
  assert.equal([ranged.workers, ranged.most], [2, 6]);
  assert.equal(ranged.range, { min: 2, max: 6, patienceMs: 30_000 });
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/proc/self/cgroup", "0::/\n");
  runtime.files.texts.set("/sys/fs/cgroup/cpu.max", "150000 100000\n");
  assert.is((await prepare({ workers: "auto" }, runtime)).workers, 2);
  // A file that is closed to this user says nothing.
  runtime.files.failures.set(
    "readText /sys/fs/cgroup/cpu.max",
    systemError("EACCES"),
  );
  assert.is((await prepare({ workers: "auto" }, runtime)).workers, 4);
});

generation("what its workers cannot do is refused", async () => {
  assert.is(
    await refusal({ workerArgs: ["--watch"] }, true),
    'Cannot use workerArgs "--watch" from serve(): corn restarts workers itself, give --reload',
  );
  const statsdHost = "unix:///run/statsd.sock#dgram";
  assert.is(await refusal({ statsdHost }, true), "nothing was refused");
  assert.match(await refusal({ statsdHost }, false), /^Cannot use statsdHost /);
});

generation("its first worker is judged, unless a developer waits", async () => {
  const canary = async (options: CornConfig) =>
    canaryOf(await configOf(options));
  assert.is(await canary({}), undefined);
  assert.equal(await canary({ canary: 30 }), { forMs: 30_000, thin: "go" });
  assert.equal(await canary({ canary: 30, reload: true }), undefined);
});

generation("as many drain as is said", async () => {
  assert.is(mostDrainingOf(await configOf({})), undefined);
  assert.is(mostDrainingOf(await configOf({ maxDraining: 3 })), 3);
});

/** A listener at an address. */
function listenerAt(port: number): OpenListener {
  return {
    listener: { address: { kind: "tcp", host: "127.0.0.1", port } },
  } as unknown as OpenListener;
}

/** What a worker is told when it boots. */
async function boot(
  options: CornConfig,
  given: Partial<Parameters<typeof bootMessage>[1]> = {},
  secure: readonly number[] = [],
) {
  const prepared = await prepare(options);
  const listeners = [listenerAt(80), listenerAt(443)];
  const kept = { material: {} } as never;
  return bootMessage({
    ...prepared,
    listeners,
    compileCache: {},
    ...secure.length > 0 && {
      tls: { kept, secure: secure.map((index) => listeners[index]!) },
    },
  }, {
    ...{ slot: 1, age: 4, number: 2, tells: true, queue: 0 },
    ...{ random: () => 0, dev: false, check: false },
    ...{ descriptors: [[4, 5]], served: false, proven: false },
    ...given,
  });
}

generation("a worker is told where it finds its sockets", async () => {
  const { listeners, age, slot, generation } = await boot({});
  const address = { kind: "tcp", host: "127.0.0.1" } as const;
  assert.equal(listeners, [
    { address: { ...address, port: 80 }, descriptors: [4, 5] },
    { address: { ...address, port: 443 }, descriptors: [] },
  ]);
  assert.equal([age, slot, generation], [4, 1, 2]);
});

generation("a worker is told which of them speak TLS", async () => {
  const { listeners, tls, plan } = await boot(
    {
      ...{ certfile: "a.pem", keyfile: "a.key", redirectHttps: true },
      ...{ bind: ["http://127.0.0.1:80", "127.0.0.1:443"] },
    },
    {},
    [1],
  );
  assert.equal(listeners.map(({ secure }) => secure), [undefined, true]);
  assert.equal(tls, {});
  assert.equal(plan.http.redirectHttps, { port: 443 });
  const plain = await boot({});
  assert.not.ok("tls" in plain);
});

generation("a worker that nothing is known of is to prove itself", async () => {
  const proof = async (options: CornConfig, proven: boolean) =>
    (await boot({ minUptime: 2, ...options }, { proven })).proofMs;
  assert.is(await proof({}, false), 2000);
  assert.is(await proof({}, true), 0);
  assert.is(await proof({ reload: true }, false), 0);
});

generation("a worker of root's drops to its user by itself", async () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/etc/passwd", "www:x:33:44::/:/bin/sh\n");
  runtime.files.texts.set("/etc/group", "www:x:44:\nadm:x:4:www\n");
  const identity = async (options: CornConfig) => {
    const prepared = await prepare({ user: "www", ...options }, runtime);
    const message = bootMessage(
      { ...prepared, listeners: [], compileCache: {} },
      {
        ...{ slot: 1, age: 1, number: 1, tells: true, queue: 0 },
        ...{ random: () => 0, dev: false, check: false },
        ...{ descriptors: [], served: false, proven: true },
      },
    );
    return message.plan.process.identity;
  };
  assert.is(await identity({}), undefined, "it was started as that");
  assert.equal(await identity({ initgroups: true }), {
    ...{ uid: 33, gid: 44, groups: [44, 4] },
  });
});

generation.run();
