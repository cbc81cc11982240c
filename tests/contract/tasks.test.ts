/** Calls of tasks over a socket, in one process. */
import {
  TaskError,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "../../src/tasks/errors.ts";
import type { TaskContext } from "../../src/tasks/types.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { skip } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { openPool, runtime } from "../support/tasks/pool.ts";
import type { PoolQuery } from "../support/tasks/pool.ts";
import { sleep, until, within } from "../support/wait.ts";

const tasks = promises(`tasks on ${runtime.name}`);

/** A suite of tasks, and what they saw. */
function makeModule() {
  const seen = { running: 0, most: 0, aborted: 0, yielded: 0, returned: 0 };
  const gates: (() => void)[] = [];
  async function held(name: string, { signal }: TaskContext) {
    seen.most = Math.max(seen.most, ++seen.running);
    signal.addEventListener("abort", () => seen.aborted++);
    await new Promise<void>((resolve) => gates.push(resolve));
    seen.running--;
    return name;
  }
  return {
    seen,
    gates,
    held,
    add: (one: number, other: number) => one + other,
    echo: (value: unknown) => value,
    nothing() {},
    fail(message: string): never {
      throw new RangeError(message);
    },
    unsendable: () => new Map() as unknown,
    async late({ signal }: TaskContext) {
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      );
      seen.aborted++;
    },
    *count(to: number) {
      for (let at = 0; at < to; at++) yield at;
    },
    async *endless(size: number) {
      try {
        while (true) {
          seen.yielded++;
          yield new Uint8Array(size);
        }
      } finally {
        seen.returned++;
      }
    },
    async *breaks() {
      yield 1;
      throw new Error("half way");
    },
    notATask: 5,
    onStart() {},
  };
}

async function open(lab: Lab, query?: PoolQuery) {
  const module = makeModule();
  const pool = await openPool(lab, module, query);
  return { module, pool, client: pool.client };
}

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    const value = await promise;
    throw new Error(`it gave ${JSON.stringify(value)}`);
  } catch (error) {
    return error;
  }
}

if (!runtime.holdsListeners) {
  tasks("a pool needs sockets to inherit", () => {
    skip("this runtime makes none here");
  });
} else {
  tasks("values and bytes come as they were sent", async (lab) => {
    const { pool, client } = await open(lab);
    await using _ = pool;
    assert.is(await client.add(2, 3), 5);
    assert.is(await client.nothing(), undefined);
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => at);
    const back = await client.echo({ bytes, text: "zß水🌽" }) as {
      bytes: Uint8Array;
      text: string;
    };
    assert.is(back.text, "zß水🌽");
    assert.is(back.bytes.length, bytes.length);
    assert.ok(back.bytes.every((byte, at) => byte === (at & 255)));
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, at) => client.add(at, 1)),
    );
    assert.equal(all, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  tasks(
    "what a task throws comes with its name, message and stack",
    async (lab) => {
      const { pool, client } = await open(lab);
      await using _ = pool;
      const error = await rejection(client.fail("too far")) as TaskError;
      assert.instance(error, TaskError);
      assert.is(error.message, "Task pool.fail failed: RangeError: too far");
      assert.is(error.remote.name, "RangeError");
      assert.match(error.remote.stack, /tasks\.test\.ts/);
      const unsent = await rejection(client.unsendable()) as TaskError;
      assert.match(unsent.message, /Cannot send a Map/);
      const strange = client as unknown as Record<
        string,
        () => Promise<unknown>
      >;
      for (const name of ["missing", "notATask"]) {
        const none = await rejection(strange[name]!()) as TaskError;
        assert.match(
          none.message,
          new RegExp(`there is no task "${name}", only `),
        );
      }
      assert.is(strange.onStart, undefined);
      const sent = await rejection(client.echo(() => 1));
      assert.match((sent as Error).message, /Cannot send a function/);
    },
  );

  tasks("a generator streams, and its error ends the stream", async (lab) => {
    const { pool, client } = await open(lab);
    await using _ = pool;
    const got: number[] = [];
    for await (const one of client.count(1000)) got.push(one);
    assert.is(got.length, 1000);
    assert.is(got[999], 999);
    const parts: number[] = [];
    const error = await rejection((async () => {
      for await (const one of client.breaks()) parts.push(one);
    })());
    assert.equal(parts, [1]);
    assert.match((error as Error).message, /half way/);
    const awaited = await rejection(
      client.count(5) as unknown as Promise<unknown>,
    );
    assert.match((awaited as Error).message, /iterate over it/);
    assert.is(await client.add(1, 1), 2);
  });

  tasks(
    "a stream waits for its reader, and ends when that leaves",
    async (lab) => {
      const { module: { seen }, pool, client } = await open(lab);
      await using _ = pool;
      let read = 0;
      for await (const chunk of client.endless(100_000)) {
        assert.is(chunk.length, 100_000);
        if (++read === 2) {
          let before = -1;
          // What is yielded ahead is what sockets hold.
          await until("it stands still", async () => {
            if (before === seen.yielded) return true;
            before = seen.yielded;
            await sleep(100);
          });
          assert.ok(seen.yielded < 200, `${seen.yielded} were yielded`);
        }
        if (read === 40) break;
      }
      await until("the generator is told", () => seen.returned === 1);
      assert.is(await client.add(1, 1), 2);
    },
  );

  tasks(
    "one call runs at a time, the others wait in the queue",
    async (lab) => {
      const { module: { seen, gates }, pool, client } = await open(lab);
      await using _ = pool;
      const calls = ["a", "b", "c"].map((name) => client.held(name));
      for (const name of ["a", "b", "c"]) {
        await until(`${name} runs`, () => gates.length === 1);
        await sleep(20);
        assert.is(seen.running, 1);
        gates.shift()!();
      }
      assert.equal(await Promise.all(calls), ["a", "b", "c"]);
      assert.is(seen.most, 1);
      assert.is(pool.inflight.requests, 3);
      assert.is(pool.inflight.open, 0);
    },
  );

  tasks(
    "a caller that gives up is told at once, and the task by its signal",
    async (lab) => {
      const { module: { seen, gates }, pool, client } = await open(lab);
      await using _ = pool;
      const controller = new AbortController();
      const call = client.with({ signal: controller.signal }).held("a");
      await until("it runs", () => seen.running === 1);
      // One that waits in the queue never runs.
      const waiting = client.with({ signal: controller.signal }).held("b");
      await sleep(20);
      controller.abort(new Error("enough"));
      assert.is((await rejection(call) as Error).message, "enough");
      assert.is((await rejection(waiting) as Error).message, "enough");
      await until("it is told", () => seen.aborted === 1);
      gates.shift()!();
      assert.is(await client.add(1, 1), 2);
      assert.is(seen.most, 1);
      assert.is(seen.aborted, 1);
      assert.equal(pool.stuck, []);
      const never = client.with({ signal: controller.signal }).add(1, 1);
      assert.is((await rejection(never) as Error).message, "enough");
    },
  );

  tasks(
    "a task whose time is over is told, and so is its caller",
    async (lab) => {
      const { module: { seen }, pool, client } = await open(lab, {
        timeoutMs: 80,
      });
      await using _ = pool;
      const error = await rejection(client.late());
      assert.instance(error, TaskTimeoutError);
      assert.is(
        (error as Error).message,
        "Task pool.late was not over within 0.08 s",
      );
      await until("it was told", () => seen.aborted === 1);
      assert.is(await client.add(1, 1), 2);
      assert.equal(pool.stuck, []);
    },
  );

  tasks("a stream that nobody reads ends at its time", async (lab) => {
    const { module: { seen }, pool, client } = await open(lab, {
      timeoutMs: 200,
      cancelMs: 600,
    });
    await using _ = pool;
    const error = await rejection((async () => {
      for await (const _ of client.endless(100_000)) {
        await until("the generator's end", () => seen.returned === 1);
      }
    })());
    assert.instance(error, TaskTimeoutError);
    assert.is(await client.add(1, 1), 2);
    assert.equal(pool.stuck, []);
  });

  tasks("a task that does not heed its signal is named", async (lab) => {
    const { module: { gates }, pool, client } = await open(lab, {
      timeoutMs: 50,
      cancelMs: 50,
    });
    await using _ = pool;
    assert.instance(await rejection(client.held("a")), TaskTimeoutError);
    await until("it is named", () => pool.stuck.length === 1);
    assert.equal(pool.stuck, ["held"]);
    gates.shift()!();
  });

  tasks("the caller's own time counts its wait", async (lab) => {
    const { pool, client } = await open(lab, { serves: false });
    await using _ = pool;
    const call = client.with({ timeout: 50 }).add(1, 1);
    assert.instance(await rejection(call), TaskTimeoutError);
  });

  tasks("a call with a time of its own runs within it", async (lab) => {
    const { pool, client } = await open(lab);
    await using _ = pool;
    const patient = client.with({ timeout: 30_000 });
    for (let at = 0; at < 3; at++) assert.is(await patient.add(at, 1), at + 1);
    const others = pool.otherClient().with({ timeout: 30_000 });
    assert.is(await others.add(1, 1), 2);
  });

  tasks("more calls than may wait are refused", async (lab) => {
    const { pool, client } = await open(lab, { serves: false, backlog: 4 });
    await using _ = pool;
    const controller = new AbortController();
    const patient = client.with({ signal: controller.signal });
    const outcomes: unknown[] = [];
    for (let count = 0; count < 12; count++) {
      patient.add(1, 1).then(undefined, (error) => outcomes.push(error));
      await sleep(5);
    }
    await until("seven are refused", () => outcomes.length === 7);
    assert.ok(outcomes.every((one) => one instanceof TaskOverloadError));
    controller.abort();
    await until("the others end", () => outcomes.length === 12);
  });

  tasks(
    "a call is lost with its process, and where there is no pool",
    async (lab) => {
      const { module: { seen, gates }, pool, client } = await open(lab);
      await using _ = pool;
      const call = client.held("a");
      await until("it runs", () => seen.running === 1);
      pool.engine.close();
      const error = await within("the loss", rejection(call)) as Error;
      assert.instance(error, TaskLostError);
      assert.is(error.message, "Task pool.held is lost: its process is gone");
      gates.shift()!();
    },
  );

  tasks("a drain ends what runs and begins nothing", async (lab) => {
    const { module: { seen, gates }, pool, client } = await open(lab);
    await using _ = pool;
    const call = client.held("a");
    await until("it runs", () => seen.running === 1);
    let drained = false;
    const draining = pool.engine.drain().then(() => drained = true);
    await sleep(50);
    assert.is(drained, false);
    gates.shift()!();
    assert.is(await call, "a");
    await within("the drain", draining);
  });

  tasks("64 MiB pass, one byte more is refused by name", async (lab) => {
    const { pool, client } = await open(lab);
    await using _ = pool;
    const most = 64 * 1024 * 1024 - 200;
    const back = await client.echo(new Uint8Array(most)) as Uint8Array;
    assert.is(back.length, most);
    const error = await rejection(client.echo(new Uint8Array(most + 200)));
    assert.match((error as Error).message, /a frame holds at most 67108864/);
  });
}

tasks.run();
