import { readdirSync, readFileSync, rmSync } from "node:fs";
import * as assert from "../support/assert.ts";
import { alive, signalIfAlive } from "../support/machine/proc.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const tasks = promises("tasks");

const app = fixture("tasks/app.ts");
const module = fixture("tasks/work.ts");

/** Judges liveness, not speed. */
const PATIENCE_MS = 30_000;

async function start(
  lab: Lab,
  pool: Readonly<Record<string, unknown>> = {},
  args: readonly string[] = ["-w", "1"],
): Promise<Server> {
  const config = lab.write(
    "corn.config.json",
    JSON.stringify({ tasks: { work: { module, ...pool } } }),
  );
  return await lab.start({
    app,
    args: [...args, "-c", config],
    deadlineMs: PATIENCE_MS,
  });
}

async function ask(server: Server, path: string) {
  const response = await fetch(`${server.url}${path}`);
  return await response.json() as Record<string, unknown>;
}

tasks(
  "an app calls tasks in processes of their own, and a reload under calls loses none",
  async (lab) => {
    const server = await start(lab, { workers: 2, env: { EXTRA: "5" } });
    const before = await ask(server, "/who");
    assert.is(before.pool, "work");
    assert.is(before.extra, "5");
    assert.is(before.runtime, runtimeName);
    assert.is.not(before.pid, before.app);
    let calls = 0;
    let done = false;
    const load = Promise.all([1, 2, 3].map(async () => {
      while (!done) {
        assert.is(await get(`${server.url}/wait?5`), '"done"');
        calls++;
      }
    }));
    await until("calls", () => calls > 5);
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from, ms: PATIENCE_MS });
    const then = calls;
    await until("more calls", () => calls > then + 5);
    done = true;
    await load;
    await until("the old tasks to leave", () => server.workers().length === 3);
    assert.not.ok(alive(before.pid as number));
    const after = await ask(server, "/who");
    assert.is.not(after.pid, before.pid);
    assert.equal(await server.stop(), { code: 0, signal: null });
  },
);

tasks(
  "a task that blocks is killed at its timeout, and the others of its pool go on",
  async (lab) => {
    const server = await start(lab, { workers: 2, timeout: 0.5 });
    const blocked = ask(server, "/block?60000");
    for (let count = 0; count < 5; count++) {
      assert.is(await get(`${server.url}/wait?10`), '"done"');
    }
    const { name } = await within("its end", blocked, PATIENCE_MS);
    assert.ok(
      name === "TaskTimeoutError" || name === "TaskLostError",
      `${name}`,
    );
    await server.waitForLog(
      /Tasks work: Worker \d .*blocked by TASK \/block for .*, killing it/,
      { ms: PATIENCE_MS },
    );
    const from = server.log().length;
    await server.waitForLog(/Tasks work: Worker \d .* ready in/, {
      from,
      ms: PATIENCE_MS,
    });
    assert.is(await get(`${server.url}/wait?1`), '"done"');
  },
);

tasks(
  "a worker that dies in a stream is told of at once and alone, a client that leaves cancels its task, and none outlives its arbiter",
  async (lab) => {
    const server = await start(lab, { workers: 2 });
    const [lost, ...others] = await Promise.all([
      ask(server, "/stream"),
      ...[1, 2, 3].map(() => ask(server, "/wait?100")),
    ]);
    assert.is(lost?.name, "TaskLostError");
    assert.ok(lost?.parts as number >= 3);
    assert.equal(others, ["done", "done", "done"]);
    await server.waitForLog(/Tasks work: .* was killed by SIGKILL/);
    const file = lab.write("seen", "");
    const controller = new AbortController();
    const call = fetch(`${server.url}/cancelled?${encodeURIComponent(file)}`, {
      signal: controller.signal,
    });
    call.catch(() => {});
    const seen = () => readFileSync(file, "utf8");
    await until("it began", () => seen() === "began\n");
    controller.abort();
    await until("it was cancelled", () => seen() === "began\naborted\n");
    assert.is(await get(`${server.url}/wait?1`), '"done"');
    // No process outlives an arbiter that is killed.
    await until("all are there", () => server.workers().length === 3);
    const all = server.workers();
    signalIfAlive(server.pid, "SIGKILL");
    await until("they are gone", () => !all.some(alive), PATIENCE_MS);
    // As docs/tasks.md says, its name stays.
    const left = readdirSync("/tmp").filter((name) =>
      name.startsWith(`corn-${server.pid}-`)
    );
    assert.ok(left.length <= 1);
    for (const name of left) rmSync(`/tmp/${name}`);
  },
);

const other = runtimeName === "bun" ? "node" : "bun";

tasks(
  `TERM lets an app on ${runtimeName} end what it does with its tasks on ${other}`,
  async (lab) => {
    const server = await start(lab, { runtime: other });
    assert.is((await ask(server, "/who")).runtime, other);
    const file = lab.write("seen", "");
    const call = ask(server, `/slow?${encodeURIComponent(file)}`);
    await until("it began", () => readFileSync(file, "utf8") === "began\n");
    const ended = server.stop();
    assert.is(await call as unknown, "done");
    assert.equal(await ended, { code: 0, signal: null });
  },
);

tasks(
  "a module that cannot be used ends the start with code 4",
  async (lab) => {
    const start = /Cannot start task pool "work"/;
    for (
      const [text, ...said] of [
        [
          "export const nothing = 1;\n",
          /Tasks work: Cannot use .* exports no function$/m,
          start,
        ],
        [
          "export default () => {};\n",
          /exports no function by name, and a default export is no task$/m,
          start,
        ],
        [
          "export const onStart = () => { throw new Error('no'); };\nexport const f = () => 1;\n",
          /Tasks work: Cannot start tasks ".*": onStart\(\) failed/,
          start,
        ],
        ["throw new Error('no');\n", /Tasks work: Cannot load tasks "/, start],
        [undefined, /\] Cannot load tasks "gone\.ts": no such file in \//],
      ] as const
    ) {
      const module = text === undefined
        ? "gone.ts"
        : lab.write("broken.ts", text);
      const config = lab.write(
        "corn.config.json",
        JSON.stringify({ tasks: { work: { module } } }),
      );
      const command = lab.run({ app, args: ["-w", "1", "-c", config] });
      assert.equal(await within("its end", command.ended, PATIENCE_MS), {
        code: 4,
        signal: null,
      });
      for (const one of said) assert.match(command.log(), one);
    }
  },
);

tasks.run();
