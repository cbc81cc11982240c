/** Calls of tasks where corn does not run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { TaskError, tasks, TaskTimeoutError } from "../../tasks.ts";
import { createClient } from "../../src/tasks/client.ts";
import { taskMachine } from "../../adapters/shared/tasks.ts";
import type { TaskContext } from "../../src/tasks/types.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { sleep, within } from "../support/wait.ts";

const client = suite("tasks() without corn");

const given: unknown[] = [];
const module = {
  keep(value: object) {
    given.push(value);
    return value;
  },
  fail(): void {
    throw new RangeError("too far");
  },
  until: ({ signal }: TaskContext): Promise<string> =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve("aborted"))
    ),
  *count(to: number) {
    for (let at = 0; at < to; at++) yield at;
  },
  lateStream: () => Promise.resolve(new Blob(["a"]).stream()),
  *unsendable() {
    try {
      yield 1;
      yield new Map();
    } finally {
      given.push("ended");
    }
  },
  optional: (one: number, other: number | undefined, context: TaskContext) =>
    [one, other ?? "none", context.signal.aborted] as const,
};

const pool = tasks("any", () => Promise.resolve(module));

async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It was not rejected");
}

client("what is logged calls no task", async () => {
  assert.is(JSON.stringify({ pool }), '{"pool":{}}');
  assert.is(`${pool}`, "[object Object]");
  // A call that fails and is awaited by none ends the program.
  await sleep(0);
  const { toJSON } = pool as { toJSON?: unknown };
  assert.is(toJSON, undefined);
});

client("a stream behind a promise is refused with the way out", async () => {
  const late = pool.lateStream() as Promise<unknown>;
  assert.match(
    (await rejection(late)).message,
    /Cannot stream from a function that gives a promise: make the task a generator/,
  );
});

client("a class is no task", async () => {
  const pool = tasks("any", () =>
    Promise.resolve({
      Shape: class {},
      shape: () => 1,
    }));
  const loose = pool as unknown as { Shape(): Promise<unknown> };
  assert.match(
    (await rejection(loose.Shape())).message,
    /there is no task "Shape", only shape$/,
  );
});

client("values pass as between processes", async () => {
  const value = { bytes: new Uint8Array([1, 2]), text: "a" };
  const back = await pool.keep(value);
  assert.equal(back, value);
  assert.is.not(back, value);
  assert.is.not(given[0], value);
  assert.match(
    (await rejection(pool.keep(new Map()))).message,
    /Cannot send a Map to or from a task, at args\[0\]$/,
  );
});

client("errors, streams and the context are as between processes", async () => {
  const error = await rejection(pool.fail());
  assert.instance(error, TaskError);
  assert.is(error.message, "Task any.fail failed: RangeError: too far");
  const got: number[] = [];
  for await (const one of pool.count(40)) got.push(one);
  assert.is(got.length, 40);
  const short = pool.optional as (one: number) => Promise<unknown>;
  assert.equal(await short(1), [1, "none", false]);
});

client("a stream of which a part cannot be sent is ended", async () => {
  given.length = 0;
  const iterate = async () => {
    for await (const one of pool.unsendable()) assert.is(one, 1);
  };
  assert.match((await rejection(iterate())).message, /Cannot send a Map/);
  assert.equal(given, ["ended"]);
});

client("a call that is awaited and iterated over ends for both", async () => {
  const call = pool.keep({}) as unknown as
    & Promise<unknown>
    & AsyncIterable<unknown>;
  const iterate = async () => {
    for await (const one of call) assert.unreachable(String(one));
  };
  const ends = Promise.all([call, rejection(iterate())]);
  const alive = setInterval(() => {}, 1000);
  const [value, error] = await within("both ends", ends);
  clearInterval(alive);
  assert.equal(value, {});
  assert.match(error.message, /it returns one value, await it/);
});

client("a call gives up in time, and by its signal", async () => {
  const late = pool.with({ timeout: 20 }).until();
  // The timer keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  assert.instance(await within("its end", rejection(late)), TaskTimeoutError);
  clearInterval(alive);
  const controller = new AbortController();
  const call = pool.with({ signal: controller.signal }).until();
  controller.abort(new Error("enough"));
  assert.is((await rejection(call)).message, "enough");
});

client(
  "a timeout of any length is kept, and what is none refused",
  async () => {
    for (const timeout of [Infinity, 2 ** 40, 2 ** 31 - 1]) {
      const call = pool.with({ timeout }).optional(1, undefined);
      assert.equal(await call, [1, "none", false]);
      const controller = new AbortController();
      const waits = pool.with({ timeout, signal: controller.signal }).until();
      const first = await Promise.race([waits, sleep(50)]);
      assert.is(first, undefined);
      controller.abort(new Error("enough"));
      assert.is((await rejection(waits)).message, "enough");
    }
    for (const timeout of [-1, NaN, "5" as never, null as never]) {
      assert.throws(
        () => pool.with({ timeout }),
        typeof timeout === "string"
          ? 'Cannot call tasks with timeout "5": give milliseconds'
          : `Cannot call tasks with timeout ${timeout}: give milliseconds`,
      );
    }
  },
);

client("the config file of the working folder names the module", async () => {
  const folder = mkdtempSync(join(tmpdir(), "corn-tasks-"));
  const before = process.cwd();
  writeFileSync(join(folder, "work.js"), "export const two = () => 2;\n");
  writeFileSync(
    join(folder, "corn.config.json"),
    JSON.stringify({
      tasks: {
        work: { module: "work.js" },
        absolute: join(folder, "work.js"),
        address: pathToFileURL(join(folder, "work.js")).href,
      },
    }),
  );
  try {
    process.chdir(folder);
    for (const name of ["work", "absolute", "address"]) {
      const work = tasks<{ two(): number }>(name);
      assert.is(await work.two(), 2, name);
    }
    const none = tasks<{ two(): number }>("other");
    assert.match(
      (await rejection(none.two())).message,
      /corn does not run here, and .*corn\.config\.json has no such pool/,
    );
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

client("under corn a pool that is not there is refused at once", () => {
  const machine = { ...taskMachine, env: () => '{"images":"/x"}' };
  assert.throws(
    () => createClient("mails", machine),
    /^RangeError|Cannot call tasks of "mails": the config has no such pool, only images$/,
  );
});

client.run();
