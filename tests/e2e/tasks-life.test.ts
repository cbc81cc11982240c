import { readdirSync } from "node:fs";
import * as assert from "../support/assert.ts";
import { canBeNobody, NOBODY } from "../support/machine/user.ts";
import { get } from "../support/client/curl.ts";
import { signalIfAlive } from "../support/machine/proc.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const tasks = promises("the life of tasks");

const app = fixture("tasks/app.ts");
const module = fixture("tasks/work.ts");

/** Judges liveness, not speed. */
const PATIENCE_MS = 30_000;

async function start(
  lab: Lab,
  pool: Readonly<Record<string, unknown>>,
): Promise<Server> {
  const config = lab.write(
    "corn.config.json",
    JSON.stringify({ tasks: { work: { module, ...pool } } }),
  );
  return await lab.start({
    app,
    args: ["-w", "1", "-c", config],
    deadlineMs: PATIENCE_MS,
  });
}

async function ask(server: Server, path: string) {
  const response = await fetch(`${server.url}${path}`);
  return await response.json() as Record<string, unknown>;
}

/** Calls one after the other until it is told to stop, none of which may fail. */
function callOn(server: Server) {
  const state = { calls: 0, done: false };
  const ended = Promise.all([1, 2, 3].map(async () => {
    while (!state.done) {
      assert.is(await get(`${server.url}/wait?5`), '"done"');
      state.calls++;
    }
  }));
  return { state, ended };
}

tasks(
  "a process is replaced by its number of tasks, and no call is lost",
  async (lab) => {
    const server = await start(lab, { maxTasks: 20 });
    const first = (await ask(server, "/who")).pid;
    const { state, ended } = callOn(server);
    await server.waitForLog(/Tasks work: Worker 1 .*20 requests/, {
      ms: PATIENCE_MS,
    });
    await until(
      "another serves",
      async () => (await ask(server, "/who")).pid !== first,
      PATIENCE_MS,
    );
    state.done = true;
    await ended;
    assert.ok(state.calls >= 19);
  },
);

tasks(
  "a process is replaced by its memory, and no call is lost",
  async (lab) => {
    const server = await start(lab, { maxMemory: "400m" });
    const { state, ended } = callOn(server);
    const large = await ask(server, "/grow?500") as unknown;
    await server.waitForLog(/Tasks work: Worker 1 .*growing to/, {
      ms: PATIENCE_MS,
    });
    await until(
      "another serves",
      async () => (await ask(server, "/who")).pid !== large,
      PATIENCE_MS,
    );
    state.done = true;
    await ended;
  },
);

tasks(
  "a task that ends its process is lost alone, and one that calls its own pool is told so",
  async (lab) => {
    const server = await start(lab, { nice: 7, env: { EXTRA: "5" } });
    assert.is((await ask(server, "/who")).nice, 7);
    const self = await ask(server, "/self");
    assert.match(String(self.message), /from a task of the same pool/);
    const left = await ask(server, "/leave");
    assert.is(left.name, "TaskLostError");
    assert.is((await ask(server, "/who")).pool, "work");
  },
);

tasks("a call that finds the queue full is refused at once", async (lab) => {
  const server = await start(lab, { maxQueue: 2, timeout: 20 });
  const calls = Array.from({ length: 8 }, () => ask(server, "/wait?1000"));
  const outcomes = await Promise.all(calls) as unknown[];
  const refused = outcomes.filter((one) =>
    (one as { name?: string }).name === "TaskOverloadError"
  );
  assert.ok(refused.length >= 4, `${refused.length} were refused`);
  assert.is(
    outcomes.filter((one) => one === "done").length,
    8 - refused.length,
  );
});

if (canBeNobody()) {
  tasks("a pool has a user of its own", async (lab) => {
    const server = await start(lab, { user: String(NOBODY) });
    const who = await ask(server, "/who");
    assert.is(who.uid, NOBODY);
  });
}

tasks("an upgrade under calls loses none", async (lab) => {
  const server = await start(lab, { workers: 2 });
  const before = await ask(server, "/who");
  const { state, ended } = callOn(server);
  await until("calls", () => state.calls > 5, PATIENCE_MS);
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  assert.is.not((await ask(server, "/who")).pid, before.pid);
  const then = state.calls;
  await until("more calls", () => state.calls > then + 5, PATIENCE_MS);
  state.done = true;
  await ended;
  await heir.stop();
});

tasks(
  "what a killed arbiter left is removed by the next start",
  async (lab) => {
    const server = await start(lab, {});
    const pid = server.pid;
    const named = () =>
      readdirSync("/tmp").filter((name) => name.startsWith(`corn-${pid}-`));
    assert.is(named().length, 1);
    const all = server.workers();
    signalIfAlive(pid, "SIGKILL");
    await until(
      "they are gone",
      () => server.workers().length === 0 && all.length === 2,
      PATIENCE_MS,
    );
    await start(lab, {});
    assert.equal(named(), []);
  },
);

tasks.run();
