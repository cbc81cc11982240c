/** Connections of task calls that are kept for the next. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/tools.ts";
import {
  argumentsBefore,
  programOf,
  runtimeName,
} from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { skip } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { openPool, runtime } from "../support/tasks/pool.ts";
import type { PoolQuery } from "../support/tasks/pool.ts";
import { until, within } from "../support/wait.ts";

const tasks = promises(`connections of tasks on ${runtime.name}`);

function makeModule() {
  const seen = { running: 0, most: 0 };
  const gates: (() => void)[] = [];
  return {
    seen,
    gates,
    add: (one: number, other: number) => one + other,
    async held(name: string) {
      seen.most = Math.max(seen.most, ++seen.running);
      await new Promise<void>((resolve) => gates.push(resolve));
      seen.running--;
      return name;
    },
    fail(message: string): never {
      throw new RangeError(message);
    },
    leavesBehind(ms: number) {
      setTimeout(() => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      }, 1);
    },
    *count(to: number) {
      for (let at = 0; at < to; at++) yield at;
    },
  };
}

async function open(lab: Lab, query?: PoolQuery) {
  const module = makeModule();
  const pool = await openPool(lab, module, query);
  return { module, pool, client: pool.client };
}

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}

if (!runtime.holdsListeners) {
  tasks("a pool needs sockets to inherit", () => {
    skip("this runtime makes none here");
  });
} else {
  tasks(
    "the next call of a client takes the connection of the last, unless another's call came between",
    async (lab) => {
      const { module: { seen, gates }, pool, client } = await open(lab, {
        timeless: true,
      });
      await using _ = pool;
      for (let at = 0; at < 20; at++) {
        assert.is(await client.add(at, 1), at + 1);
      }
      await rejection(client.fail("no"));
      for await (const _ of client.count(5));
      assert.is(await client.add(1, 1), 2);
      assert.is(pool.connections(), 1);
      const other = pool.otherClient();
      const held = other.held("theirs");
      // Sent while the process may not have seen the other call.
      const mine = client.held("mine");
      await until("one runs", () => gates.length === 1);
      gates.shift()!();
      await until("the other runs", () => gates.length === 1);
      gates.shift()!();
      assert.equal(await Promise.all([held, mine]), ["theirs", "mine"]);
      assert.is(seen.most, 1);
      // One that gave up leaves no connection behind that others could take.
      const controller = new AbortController();
      const given = client.with({ signal: controller.signal }).held("given");
      await until("it runs", () => gates.length === 1);
      controller.abort(new Error("enough"));
      await rejection(given);
      gates.shift()!();
      assert.is(await client.add(1, 1), 2);
    },
  );

  tasks(
    "while a call runs, over a connection that was kept as well, others are left to the pool's other processes",
    async (lab) => {
      const { module: { gates }, pool, client } = await open(lab, {
        timeless: true,
      });
      await using _ = pool;
      for (let round = 0; round < 3; round++) {
        assert.is(await client.add(round, 1), round + 1);
        assert.is(pool.accepting(), true);
        const held = client.held("mine");
        await until("it runs", () => gates.length === 1);
        assert.is(pool.accepting(), false);
        gates.shift()!();
        assert.is(await held, "mine");
      }
      assert.is(pool.connections(), 1);
    },
  );

  tasks(
    "a call that meets the end of its connection is made again, since it has not begun",
    async (lab) => {
      const { module: { seen, gates }, pool, client } = await open(lab);
      await using _ = pool;
      const other = pool.otherClient();
      // Whichever the process hears first, neither is lost, and none runs twice.
      for (let round = 0; round < 50; round++) {
        assert.is(await client.add(round, 1), round + 1);
        const both = await Promise.all([
          other.add(round, 2),
          client.add(round, 3),
        ]);
        assert.equal(both, [round + 2, round + 3]);
      }
      assert.is(pool.inflight.requests, 150);
      const last = client.held("last");
      await until("it runs", () => seen.running === 1);
      gates.shift()!();
      assert.is(await last, "last");
    },
  );

  tasks(
    "a call leaves a connection whose process is blocked by what an earlier task left",
    async (lab) => {
      const { pool, client } = await open(lab);
      await using _ = pool;
      await client.leavesBehind(400);
      assert.is(await client.add(1, 1), 2);
      assert.is(pool.inflight.requests, 2);
    },
  );

  tasks("a connection that is kept keeps no program alive", async (lab) => {
    const { pool } = await open(lab);
    await using _ = pool;
    const client = pathToFileURL(join(root, "tasks.ts")).href;
    const script = lab.write(
      "program.ts",
      `import { tasks } from "${client}";\nconsole.log(await tasks("pool").add(1, 2));\n`,
    );
    const args = [...argumentsBefore(runtimeName), script];
    const child = spawn(programOf(runtimeName), args, {
      env: {
        ...process.env,
        CORN_TASKS: JSON.stringify({ pool: { path: pool.path, most: 9 } }),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (bytes) => text += bytes);
    const code = await within(
      "its end",
      new Promise((resolve) => child.once("close", resolve)),
    );
    assert.is(code, 0);
    assert.is(text.trim(), "3");
  });
}

tasks.run();
