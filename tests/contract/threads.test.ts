/** A worker of several threads, in this process: what each thread runs is what it is under corn. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { root } from "../../scripts/tools.ts";
import { servingRuntime } from "../../adapters/mod.ts";
import type {
  FailedMessage,
  FiguresMessage,
  LogMessage,
  RecordedMessage,
  RecycleMessage,
  WorkerMessage,
} from "../../src/protocol/messages.ts";
import type { Closeable } from "../../src/runtime/runtime.ts";
import type { ServingRuntime } from "../../src/runtime/serving.ts";
import { createHost } from "../../src/worker/observe/worker-host.ts";
import { Threads } from "../../src/worker/threads/threads.ts";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { bootOf } from "../worker/boot.ts";

const runtime = await servingRuntime();
const threads = promises(`threads of a worker on ${runtime.name}`);

/** Names its thread, and does what the path says. */
const APP = `import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { sharedBuffer } from ${JSON.stringify(`${root}/shared.ts`)};
const { CORN_THREAD_ID: thread } = process.env;
const hits = new Int32Array(await sharedBuffer("hits", 4));
const never = new Int32Array(new SharedArrayBuffer(4));
function spin() {
  const end = performance.now() + 50;
  while (performance.now() < end);
}
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const file = searchParams.get("file");
    if (pathname === "/hits") return new Response(String(Atomics.load(hits, 0)));
    Atomics.add(hits, 0, 1);
    if (pathname === "/block") while (!existsSync(file)) Atomics.wait(never, 0, 0, 5);
    if (pathname === "/spin") spin();
    if (pathname === "/exit") process.exit(5);
    if (pathname === "/later") setTimeout(() => process.exit(5), 300);
    if (pathname === "/throw") setTimeout(() => { throw new Error("boom"); }, 1);
    if (pathname === "/slow") {
      writeFileSync(file, thread);
      while (!existsSync(file + ".go")) await new Promise((run) => setTimeout(run, 10));
    }
    return new Response(thread);
  },
};
`;

type Boot = Parameters<typeof bootOf>[0];

/** Engines close what they were given, which must not be closed twice. */
const kept: unknown[] = [];

/** Does nothing in the process that it runs in that would outlive the test. */
function guarded(exits: number[], timers: Set<Closeable>): ServingRuntime {
  const { clock } = runtime;
  const noted = (timer: Closeable) => {
    timers.add(timer);
    return timer;
  };
  return {
    ...runtime,
    self: Object.create(runtime.self, {
      exit: { value: (code: number) => void exits.push(code) },
    }),
    clock: {
      ...clock,
      after: (ms, run) => noted(clock.after(ms, run)),
      pulse: (ms, run) => noted(clock.pulse(ms, run)),
    },
  };
}

/** Makes all of them one queue, as threads have it under corn; they stay several where libc cannot be called. */
async function joinQueues([first, ...others]: readonly number[]) {
  const libc = runtime.name === "node"
    ? undefined
    : runtime.name === "bun"
    ? await (await import("../../adapters/bun/ffi.ts")).loadLibc()
    : (await import("../../adapters/deno/ffi.ts")).loadLibc();
  for (const one of others) libc?.call("dup2", first as number, one);
  return libc !== undefined;
}

/** A worker whose threads boot. */
async function begin(
  lab: Lab,
  { app = APP, count = 2, plan = {} }: {
    app?: string;
    count?: number;
    plan?: NonNullable<Boot>["plan"];
  } = {},
) {
  const url = pathToFileURL(lab.write("app.ts", app)).href;
  const listener = await runtime.listen(
    { kind: "tcp", host: "127.0.0.1", port: 0 },
    { queues: count, reusePort: true, backlog: 128, unixMode: 0o600 },
  );
  kept.push(listener);
  const { address } = listener;
  const joined = await joinQueues(listener.queues);
  const sent: WorkerMessage[] = [];
  const exits: number[] = [];
  const timers = new Set<Closeable>();
  const host = createHost(guarded(exits, timers), {
    waiting: 0,
    send: (message) => sent.push(message as WorkerMessage) > 0,
  });
  const worker = new Threads(
    bootOf({
      runtime: runtime.name as "node",
      listeners: [{ address, descriptors: listener.queues }],
      plan: {
        ...plan,
        app: { text: "app.ts", url },
        http: {
          engine: "wire",
          serving: { keepAliveMs: 500, backlog: 128, unixMode: 0o600 },
        },
        workerClass: { name: "thread", threads: count },
        life: { idleBeatMs: 250, ...plan.life },
      },
    }),
    host,
    pathToFileURL(join(root, "thread.ts")).href,
  );
  await worker.begin();
  const { port } = address as { port: number };
  const told = <T extends WorkerMessage>(type: T["type"]) =>
    sent.filter((one): one is T => one.type === type);
  return {
    worker,
    exits,
    told,
    /** True where its threads accept from one queue. */
    joined,
    connect: () => lab.connect({ host: "127.0.0.1", port }),
    /** Asks on a connection of its own; gives the thread's number. */
    async get(path = "/"): Promise<string> {
      const client = await this.connect();
      return (await client.request(path)).text;
    },
    lines: () => told<LogMessage>("log").map(({ text }) => text).join("\n"),
    async [Symbol.asyncDispose]() {
      // Where a process had ended, threads end here too.
      worker.quit();
      await until("the end of its threads", () => exits.length > 0);
      for (const timer of timers) timer.close();
    },
  };
}

/** The same once it serves. */
async function serve(lab: Lab, options: Parameters<typeof begin>[1] = {}) {
  const begun = await begin(lab, options);
  await until(
    "it is ready",
    () => begun.told("ready").length > 0 || begun.exits.length > 0,
  );
  assert.equal(begun.exits, [], begun.lines());
  return begun;
}

/** Asks until each thread has answered; gives how often. */
async function askAll(
  worker: { get(path?: string): Promise<string> },
): Promise<number> {
  const found = new Set<string>();
  let asked = 0;
  await until("answers of both threads", async () => {
    asked++;
    found.add(await worker.get());
    return found.size === 2;
  });
  return asked;
}

threads(
  "each serves, with memory that all have, and figures are their sums",
  async (lab) => {
    await using worker = await serve(lab);
    worker.worker.receive({ type: "figure", everyMs: 50, seen: false });
    const asked = await askAll(worker);
    assert.is(await worker.get("/hits"), String(asked));
    await until(
      "the sum",
      () =>
        worker.told<FiguresMessage>("figures").at(-1)?.requests === asked + 1,
    );
    worker.worker.drain(10_000);
    await until("its end", () => worker.exits.length > 0);
    assert.equal(worker.exits, [0]);
    assert.is(worker.lines(), "");
  },
);

threads("a drain waits for what a thread has in hand", async (lab) => {
  await using worker = await serve(lab);
  const file = join(lab.folder, "slow");
  lab.forgive(file);
  const open = worker.get(`/slow?file=${file}`);
  await until("it is open", () => existsSync(file));
  worker.worker.receive({ type: "drain", withinMs: 60_000 });
  await until("no thread accepts", () => worker.told("closed").length > 0);
  assert.equal(worker.exits, []);
  lab.write("slow.go", "");
  assert.match(await open, /^[12]$/);
  await until("its end", () => worker.exits.length > 0);
  assert.equal(worker.exits, [0]);
});

threads(
  "a silent one is named with its request, and told of when it turns again",
  async (lab) => {
    await using worker = await serve(lab, {
      plan: { life: { silenceMs: 1000, slowMs: 500 } },
    });
    await askAll(worker);
    const file = join(lab.folder, "go");
    const open = worker.get(`/block?file=${file}`);
    await until("it is missed", () => worker.told("recycle").length > 0);
    assert.match(
      worker.lines(),
      /Thread [12] of worker 1 \(pid \d+\) is blocked for \d\.\d s by GET \/block: replacing the worker/,
    );
    const [asked] = worker.told<RecycleMessage>("recycle");
    assert.match(asked?.reason ?? "", /^the silence of thread [12]$/);
    lab.write("go", "");
    const thread = await open;
    await until(
      "it is told of",
      () => worker.lines().includes(`Thread ${thread} was blocked for`),
    );
  },
);

threads("an uncaught error asks for another worker", async (lab) => {
  await using worker = await serve(lab);
  const thread = await worker.get("/throw");
  await until("it asks", () => worker.told("recycle").length > 0);
  assert.match(
    worker.lines(),
    new RegExp(`^Thread ${thread}: Uncaught error\\nError: boom\\n.*app\\.ts:`),
  );
  const [asked] = worker.told<RecycleMessage>("recycle");
  assert.equal(
    [asked?.kind, asked?.failure, asked?.reason],
    ["error", true, `an uncaught error in thread ${thread}`],
  );
  await askAll(worker);
});

threads("one that exits is named, and the others serve on", async (lab) => {
  await using worker = await serve(lab);
  worker.get("/exit").catch(() => {});
  await until("it asks", () => worker.told("recycle").length > 0);
  assert.match(worker.lines(), /^Thread [12] ended by process\.exit\(5\)/);
  assert.equal(worker.exits, []);
  const [asked] = worker.told<RecycleMessage>("recycle");
  assert.match(asked?.reason ?? "", /^the end of thread [12]$/);
});

threads("one that ends keeps no connection, and takes none", async (lab) => {
  await using worker = await serve(lab, { count: 3 });
  const client = await worker.connect();
  // By then it waits for its clients alone.
  const { text: ended } = await client.request("/later");
  await until("it asks", () => worker.told("recycle").length > 0);
  await client.closed();
  for (let count = 0; worker.joined && count < 4; count++) {
    assert.is.not(await worker.get(), ended);
  }
});

threads("one alone that cannot load the app fails the start", async (lab) => {
  await using worker = await begin(lab, {
    app: `import process from "node:process";
if (process.env.CORN_THREAD_ID === "2") throw new Error("not here");
export default { fetch: () => new Response() };
`,
  });
  await until("its end", () => worker.exits.length > 0);
  assert.equal(worker.exits, [4]);
  const [failed] = worker.told<FailedMessage>("failed");
  assert.match(failed?.message ?? "", /^Cannot load app "app\.ts"/);
  assert.match(failed?.stack ?? "", /Error: not here\n.*app\.ts:2/);
});

threads("each writes a profile and a heap snapshot of itself", async (lab) => {
  await using worker = await serve(lab);
  const record = async (
    what: "profile" | "heap",
    thread: number,
    ms: number,
  ) => {
    const file = join(lab.folder, `${what}.json`);
    lab.forgive(file);
    const id = worker.told("recorded").length + 1;
    worker.worker.receive({ type: "record", id, what, file, ms, thread });
    await until("it is written", () => worker.told("recorded").length === id);
    const { error } = worker.told<RecordedMessage>("recorded").at(-1)!;
    assert.is(error, undefined, error);
    return JSON.parse(readFileSync(file, "utf8"));
  };
  const profile = record("profile", 2, 1500);
  while (worker.told("recorded").length === 0) await worker.get("/spin");
  const { nodes } = await profile;
  const names = nodes.map((node: { callFrame: { functionName: string } }) =>
    node.callFrame.functionName
  );
  assert.ok(names.includes("spin"), names.join());
  assert.ok((await record("heap", 1, 0)).snapshot !== undefined);
  await askAll(worker);
});

threads("a look stops no thread that is not blocked any more", async (lab) => {
  if (runtime.name !== "node") return lab.skip("this is about Node's threads");
  const { lookAtThread } = await import("../../adapters/node/thread-look.ts");
  const thread = new Worker(
    `const { parentPort } = require("node:worker_threads");
parentPort.on("message", () => parentPort.postMessage(globalThis.stops ?? 0));`,
    { eval: true },
  );
  const talk = setInterval(() => thread.postMessage("turn"), 10);
  try {
    await once(thread, "online");
    const stop = "String(globalThis.stops = (globalThis.stops ?? 0) + 1)";
    let asked = 0;
    // It is blocked when the look begins, and not once that could stop it.
    const wanted = () => ++asked === 1;
    assert.is(await lookAtThread(thread.threadId, stop, wanted), undefined);
    assert.is(await lookAtThread(thread.threadId, stop, () => true), "1");
  } finally {
    clearInterval(talk);
    await thread.terminate();
  }
});

threads.run();
