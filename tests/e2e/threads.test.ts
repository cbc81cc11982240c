/** Workers that are several threads. */
import * as assert from "../support/assert.ts";
import { ControlClient } from "../support/client/control.ts";
import { get } from "../support/client/curl.ts";
import { order } from "../support/client/order.ts";
import {
  assertNothingLost,
  describeLoad,
  underLoad,
} from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { runtimeName } from "../support/process/command.ts";
import type { Server } from "../support/process/server.ts";
import { root } from "../../scripts/tools.ts";
import { until } from "../support/wait.ts";

const threads = promises("--worker-class thread");

/** Answers with its worker, its thread and its process, and does to itself what the path says. */
const APP = `import process from "node:process";
import { sharedBuffer } from ${JSON.stringify(`${root}/shared.ts`)};
const hits = new Int32Array(await sharedBuffer("hits", 4));
const { CORN_WORKER_ID: worker, CORN_THREAD_ID: thread } = process.env;
const grown = [];
const never = new Int32Array(new SharedArrayBuffer(4));
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    // Blocked for good, and a look meets it between two waits: a bare loop would take the processor from all else.
    if (pathname === "/hang") for (;;) Atomics.wait(never, 0, 0, 5);
    if (pathname === "/exit") process.exit(5);
    if (pathname === "/throw") setTimeout(() => { throw new Error("boom"); }, 1);
    if (pathname === "/shared") {
      const other = await sharedBuffer("hits", 8).catch(({ message }) => message);
      return new Response(String(other));
    }
    if (pathname === "/grow") grown.push(new Uint8Array(100 * 1024 * 1024).fill(1));
    if (pathname === "/hits") return new Response(String(Atomics.load(hits, 0)));
    Atomics.add(hits, 0, 1);
    return new Response([worker, thread, process.pid].join(" "));
  },
};
`;

async function startApp(lab: Lab, args: readonly string[]): Promise<Server> {
  lab.write("app.ts", APP);
  return await lab.start({
    app: "app.ts",
    args: ["-w", "1", ...args],
    cwd: lab.folder,
    deadlineMs: 90_000,
  });
}

/** What answers until so many threads of one process have. */
async function answersOf(url: string, count: number): Promise<string[]> {
  const found = new Set<string>();
  await until(`answers of ${count} threads`, async () => {
    found.add(await get(url));
    return found.size >= count;
  }, 60_000);
  return [...found].sort();
}

/** One that several tests ask; each leaves one worker that serves. */
const asked = threads.share(async (lab) => {
  const socket = `${lab.folder}/control.sock`;
  const server = await startApp(lab, [
    ...["--threads", "3", "--access-logfile", "-"],
    ...["--control", socket, "-t", "0"],
  ]);
  return { server, socket };
});

threads("all threads of a process serve, each with a number", async () => {
  const { server } = await asked();
  const answers = await answersOf(server.url, 3);
  const [pid] = server.workers();
  assert.equal(answers, [`1 1 ${pid}`, `1 2 ${pid}`, `1 3 ${pid}`]);
  assert.is(server.workers().length, 1);
});

threads(
  "shared memory is the same in all threads of a process",
  async () => {
    const { server } = await asked();
    const before = Number(await get(`${server.url}/hits`));
    let count = 0;
    const found = new Set<string>();
    await until("answers of 3 threads", async () => {
      count++;
      found.add(await get(server.url));
      return found.size === 3;
    }, 60_000);
    assert.is(await get(`${server.url}/hits`), String(before + count));
    assert.is(
      await get(`${server.url}/shared`),
      'Cannot share "hits" as 8 bytes: it has 4',
    );
  },
);

/** One whose worker is replaced again and again. */
const replaced = threads.share((lab) =>
  startApp(lab, ["--threads", "2", "-t", "4", "--graceful-timeout", "20"])
);

/** Does something to one thread, and waits for a worker in place of its own. */
async function replaceBy(lab: Lab, path: string, line: RegExp) {
  const server = await replaced();
  const [old] = server.workers();
  const from = server.log().length;
  void lab.connect(server.url).then((client) => client.send(path));
  await server.waitForLog(line, { from });
  let asked = 0;
  await until("a worker in its place", async () => {
    asked++;
    const pid = Number((await get(server.url)).split(" ")[2]);
    return pid !== old;
  }, 90_000);
  // Each request but the one of the path was answered until then and by then.
  assert.ok(asked > 0);
  await server.waitForLog(new RegExp(`\\(pid ${old}\\) left`), { ms: 60_000 });
  assert.is(server.workers().length, 1);
}

threads(
  "a blocked thread is named with its request, while another serves on until a new worker does",
  (lab) =>
    replaceBy(
      lab,
      "/hang",
      // Only Node can stop a thread to see where it is.
      runtimeName === "node"
        ? /\[ERROR\] Thread [12] of worker 1 \(pid \d+\) is blocked for \d+\.\d s by GET \/hang: (?:Atomics\.wait < )?Object\.fetch \(app\.ts:\d+\): replacing the worker/
        : /\[ERROR\] Thread [12] of worker 1 \(pid \d+\) is blocked for \d+\.\d s by GET \/hang: replacing the worker/,
    ),
  { deadlineMs: 240_000 },
);

threads(
  "process.exit() of a thread is told, and its worker replaced",
  (lab) =>
    replaceBy(
      lab,
      "/exit",
      /\[ERROR\] Thread [12] ended by process\.exit\(5\)\n.*app\.ts:\d+/,
    ),
  { deadlineMs: 240_000 },
);

threads(
  "an uncaught error in a thread is told, and its worker replaced",
  (lab) =>
    replaceBy(
      lab,
      "/throw",
      /\[ERROR\] Thread [12]: Uncaught error\n\s+Error: boom/,
    ),
  { deadlineMs: 240_000 },
);

threads("an app that fails in a thread fails the start", async (lab) => {
  lab.write("app.ts", "throw new Error('no');\nexport default {};\n");
  const command = lab.run({
    app: "app.ts",
    args: ["-w", "1", "-k", "thread", "--threads", "2"],
    cwd: lab.folder,
  });
  assert.is((await command.ended).code, 4);
  assert.match(command.log(), /Cannot load app "app\.ts"[^]*Error: no/);
});

threads("the limits of a worker are those of all threads", async (lab) => {
  const server = await startApp(lab, [
    ...["--threads", "2", "--max-requests", "20"],
    ...["--max-worker-memory", "900m"],
  ]);
  const [old] = server.workers();
  for (let count = 0; count < 20; count++) await get(server.url);
  await server.waitForLog(/Worker 1 .* will be replaced after 20 requests/);
  await server.waitForLog(new RegExp(`\\(pid ${old}\\) left`), { ms: 90_000 });
  // By fewer requests than 20, and by more than one of them.
  for (let count = 0; count < 9; count++) await get(`${server.url}/grow`);
  await server.waitForLog(/Worker 1 .* will be replaced after growing to/);
}, { deadlineMs: 180_000 });

threads("reloads, recycling and scaling lose nothing", async ({ start }) => {
  const server = await start({
    app: fixture("app.ts"),
    args: ["-w", "1", "--threads", "2", "--max-requests", "200"],
    deadlineMs: 90_000,
  });
  const tell = async (signal: NodeJS.Signals, line: RegExp) => {
    const from = server.log().length;
    server.signal(signal);
    await server.waitForLog(line, { from, ms: 90_000 });
  };
  const load = {
    url: server.url,
    keepAlive: 4,
    single: 4,
    streams: 1,
    posts: 1,
  };
  const report = await underLoad(load, async (load) => {
    await tell("SIGTTIN", /Worker 2 .* ready in /);
    await tell("SIGHUP", /Reload done/);
    await tell("SIGTTOU", /Pool size is now/);
    await server.waitForLog(/will be replaced after \d+ requests/, {
      ms: 60_000,
    });
    await load.more(50, 60_000);
  });
  console.log(`\n# ${runtimeName}, threads: ${describeLoad(report)}`);
  assertNothingLost(report);
}, { deadlineMs: 300_000 });

threads("a blocked thread is named where it is asked for", async (lab) => {
  const { server, socket } = await asked();
  const client = new ControlClient(socket);
  const stack = () => client.order("/v1/workers/1/stack");
  assert.is((await stack()).message, "Worker 1 is not blocked");
  void lab.connect(server.url).then((client) => client.send("/hang"));
  const told = await until("the thread", async () => {
    const { message } = await stack();
    return message.includes(runtimeName === "node" ? "app.ts" : "by GET /hang")
      ? message
      : undefined;
  }, 60_000);
  // Only Node can stop a thread.
  const where = runtimeName === "node"
    ? ": Object.fetch (app.ts:11)"
    : "; its stack is not known";
  assert.match(
    told.replace("Atomics.wait < ", "").replace(where, " HERE"),
    /^Worker 1 \(pid \d+\): thread [123] is blocked for \d+\.\d s by GET \/hang HERE$/,
  );
  await until("the lag of the worker", async () => {
    const { workers } = await client.get("Status", "/v1/status?measure=1");
    const [worker] = workers as { live: { lagMs: number } | null }[];
    return (worker?.live?.lagMs ?? 0) > 1000;
  }, 30_000);
  // All of them name the same thread.
  const number = /thread (\d)/.exec(told)?.[1] as string;
  const { requests } = await client.get("Requests", "/v1/requests");
  assert.ok(
    (requests as { path: string; state: string; thread: number }[]).some((
      { path, state, thread },
    ) => path === "/hang" && state === "running" && thread === Number(number)),
  );
  const shown = async (...args: string[]) => {
    const { output } = await order([...args, "-s", socket]);
    return output;
  };
  assert.match(
    await shown("status"),
    new RegExp(`THREADS[^]* 2 of 3 .* GET /hang for .* in thread ${number}\n`),
  );
  const one = await shown("status", "1");
  assert.match(one, new RegExp(`\n${number} +blocked +\\d+ +1 +\\d`));
  assert.match(
    one,
    new RegExp(`\n\\d.* 1 +${number} +\\d+ +running .*/hang\n`),
  );
  assert.match(
    await shown("requests"),
    new RegExp(`THREAD[^]* 1 +${number} +\\d+ +running .*GET /hang\n`),
  );
  const from = server.log().length;
  await client.order("/v1/workers/1/kill");
  await server.waitForLog(/Worker 1 .* ready in /, { from });
});

threads("the access log has a line for each request", async () => {
  const { server } = await asked();
  for (let count = 0; count < 30; count++) await get(`${server.url}/${count}`);
  assert.is((await server.stop("SIGTERM", 30_000)).code, 0);
  for (let count = 0; count < 30; count++) {
    const lines = server.output().match(new RegExp(`"GET /${count} `, "g"));
    assert.is(lines?.length, 1, `line ${count}`);
  }
});

threads.run();
