/** Workers of several threads in trouble, and beside what else corn does. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { hookFile, hookLines } from "../fixtures/hooks.ts";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const trouble = promises("--worker-class thread in trouble");
const LONG = { deadlineMs: 240_000 };
const ARGS = ["-w", "1", "--threads", "2"];

/** Names its thread and process, and does what the path says. */
const APP = `import { writeFileSync } from "node:fs";
import process, { exit } from "node:process";
const { CORN_THREAD_ID: thread } = process.env;
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/exit") exit(0);
    if (pathname === "/slow") return new Promise((done) => setTimeout(done, 4000, new Response(thread)));
    if (pathname === "/leak") {
      writeFileSync("leaking", "");
      for (const kept = [];;) kept.push({ a: Math.random(), b: [kept.length] });
    }
    if (pathname === "/reject") setTimeout(() => void Promise.reject(new Error("unheld")), 1);
    return new Response(thread + " " + process.pid);
  },
};
`;

/** Throws, or never ends, where the second thread loads it. */
const second = (what: string) =>
  `import process from "node:process";
if (process.env.CORN_THREAD_ID === "2") ${what}
export default { fetch: () => new Response("ok") };
`;

async function startApp(
  lab: Lab,
  args: readonly string[] = [],
  text: string = APP,
): Promise<Server> {
  lab.write("app.ts", text);
  return await lab.start({
    app: "app.ts",
    args: [...ARGS, ...args],
    cwd: lab.folder,
    deadlineMs: 90_000,
  });
}

async function untilLeft(server: Server, pid: number | undefined) {
  await server.waitForLog(new RegExp(`\\(pid ${pid}\\) left`), { ms: 90_000 });
  assert.is.not(Number((await get(server.url)).split(" ")[1]), pid);
  assert.is(server.workers().length, 1);
}

const ENDS: readonly [name: string, path: string, line: RegExp][] = [
  [
    "an exit(0) that is imported by its name",
    "/exit",
    // Deno tells no frame of the app.
    runtimeName === "deno"
      ? /\[ERROR\] Thread [12] ended by process\.exit\(0\)/
      : /\[ERROR\] Thread [12] ended by process\.exit\(0\)\n.*app\.ts:\d+/,
  ],
  [
    "a rejection that nobody handles",
    "/reject",
    /\[ERROR\] Thread [12]: (Unhandled rejection|Uncaught error)\n\s+Error: unheld\n.*app\.ts:\d+/,
  ],
];

/** One whose threads end. */
const ending = trouble.share((lab) => startApp(lab));

for (const [index, [name, path, line]] of ENDS.entries()) {
  trouble(`${name} is told, and the worker replaced`, async (lab) => {
    const server = await ending();
    const [old] = server.workers();
    void lab.connect(server.url).then((client) => client.send(path));
    await server.waitForLog(line);
    await untilLeft(server, old);
    if (index === ENDS.length - 1) assert.is((await server.stop()).code, 0);
  }, LONG);
}

trouble(
  "a thread that runs out of memory is told, and leaves the other's requests",
  async (lab) => {
    // Others have no such limit of a thread: there a process is what ends.
    if (runtimeName !== "node") {
      return lab.skip("only Node ends a thread at V8's limit");
    }
    const server = await startApp(lab, [
      "--worker-args=--max-old-space-size=32",
    ]);
    const [old] = server.workers();
    const leaking = get(`${server.url}/leak`).catch(() => "lost");
    const begun = join(lab.folder, "leaking");
    lab.forgive(begun);
    await until("one thread to leak", () => existsSync(begun));
    // What comes while it leaks comes to the other.
    const slow = Array.from(
      { length: 4 },
      () => get(`${server.url}/slow`).catch(() => "lost"),
    );
    const told = await server.waitForLog(
      /\[ERROR\] Thread ([12]) ran out of heap memory by GET \/leak: find/,
    );
    assert.is(await leaking, "lost");
    const dead = told[1];
    const answers = await Promise.all(slow);
    const other = dead === "1" ? "2" : "1";
    assert.equal([...new Set(answers)].filter((text) => text !== "lost"), [
      other,
    ]);
    await untilLeft(server, old);
    assert.is((await server.stop()).code, 0);
  },
  LONG,
);

trouble(
  "an app that throws in one thread alone fails the start",
  async (lab) => {
    lab.write("app.ts", second("throw new Error('not here');"));
    const command = lab.run({ app: "app.ts", args: ARGS, cwd: lab.folder });
    assert.is((await command.ended).code, 4);
    assert.match(
      command.log(),
      /Cannot load app "app\.ts"[^]*Error: not here\n.*app\.ts:2/,
    );
  },
  LONG,
);

trouble("TERM ends threads that load their app yet", async (lab) => {
  lab.write(
    "app.ts",
    second(
      "{ console.log('loads'); await new Promise((done) => setTimeout(done, 60_000)); }",
    ),
  );
  const command = lab.run({ app: "app.ts", args: ARGS, cwd: lab.folder });
  await until(
    "a thread that loads",
    () => /loads/.test(command.output() + command.log()),
    60_000,
  );
  const at = performance.now();
  command.signal("SIGTERM");
  assert.is((await command.ended).code, 0);
  assert.ok(performance.now() - at < 20_000);
}, LONG);

trouble(
  "hooks of workers run in each thread, at ABRT too, and preFork once",
  async (lab) => {
    lab.write(
      "corn.config.mjs",
      hookFile([
        "preFork",
        "postFork",
        "postWorkerInit",
        "workerReady",
        "workerAbort",
        "workerExit",
        "childExit",
      ]),
    );
    lab.forgive(join(lab.folder, "hooks.log"));
    const server = await startApp(lab);
    const count = (name: string) =>
      hookLines(lab.folder).filter((line) => line.startsWith(`${name} `))
        .length;
    await until("workerReady", () => count("workerReady") === 1);
    process.kill(server.workers()[0] as number, "SIGABRT");
    await until("another worker", () => count("workerReady") === 2);
    assert.is((await server.stop()).code, 0);
    assert.equal(
      [
        "preFork",
        "postFork",
        "postWorkerInit",
        "workerAbort",
        "workerExit",
        "childExit",
      ].map((name) => [name, count(name)]),
      [
        ["preFork", 2],
        ["postFork", 4],
        ["postWorkerInit", 4],
        ["workerAbort", 2],
        ["workerExit", 4],
        ["childExit", 2],
      ],
    );
  },
  LONG,
);

trouble.run();
