/** What tasks may be given, return, throw and yield. */
import type { TaskError } from "../../src/tasks/errors.ts";
import { TaskOverloadError } from "../../src/tasks/errors.ts";
import { promises } from "../support/promise.ts";
import { skip } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { openPool, runtime } from "../support/tasks/pool.ts";
import { sleep, until, within } from "../support/wait.ts";

const values = promises(`values of tasks on ${runtime.name}`);

const seen = { finallys: 0 };

function throwing(thrown: unknown): never {
  throw thrown;
}

async function* ones() {
  yield await Promise.resolve(1);
}

const module = {
  echo: (value: unknown) => value,
  size: (text: string) => text.length,
  text: (length: number) => "ü".repeat(length),
  cyclic() {
    const value: Record<string, unknown> = {};
    value.self = value;
    return value;
  },
  deep(levels: number) {
    let value: unknown = 1;
    for (let at = 0; at < levels; at++) value = [value];
    return value;
  },
  unreadable: () => ({
    get member(): never {
      throw new Error("no member");
    },
  }),
  map: () => new Map(),
  // As what many a library gives.
  lateStream: () => Promise.resolve(ones()),
  lateBody: () => Promise.resolve(new Blob(["a"]).stream()),
  symbol: () => Symbol("one"),
  rejects: () => Promise.reject(new Error("rejected")),
  caused: () =>
    throwing(new Error("outer", { cause: new RangeError("inner") })),
  throwsNothing: () => throwing(undefined),
  throwsBare: () => throwing(Object.create(null)),
  throwsUnreadable: () =>
    throwing(
      Object.defineProperty(new Error(), "message", {
        get(): never {
          throw new Error("no message");
        },
      }),
    ),
  throwsMuch: () => throwing(new Error("x".repeat(80 * 1024 * 1024))),
  *yieldsStrange() {
    yield 1;
    yield () => 2;
  },
  async *endless() {
    try {
      while (true) {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      seen.finallys++;
      throwing(new Error("at the end"));
    }
  },
};

async function failure(call: PromiseLike<unknown>): Promise<TaskError> {
  try {
    await call;
  } catch (error) {
    return error as TaskError;
  }
  throw new Error("it did not fail");
}

if (!runtime.holdsListeners) {
  values("a pool needs sockets to inherit", () => {
    skip("this runtime makes none here");
  });
} else {
  values("each kind of value comes as it was", async (lab) => {
    const { client: { echo, size, text }, ...pool } = await openPool(
      lab,
      module,
    );
    await using _ = pool;
    const bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    const { buffer } = Uint8Array.from(bytes);
    for (
      const Kind of [
        ...[Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array],
        ...[Uint32Array, Int32Array, Float32Array, Float64Array],
        ...[BigInt64Array, BigUint64Array],
      ]
    ) {
      // Not from the start of its memory on.
      const sent = new Kind(buffer, 8, 8 / Kind.BYTES_PER_ELEMENT);
      const back = await echo(sent) as typeof sent;
      assert.is(back.constructor, Kind);
      assert.equal([...back], [...sent]);
    }
    const back = await echo(buffer) as ArrayBuffer;
    assert.instance(back, ArrayBuffer);
    assert.equal([...new Uint8Array(back)], bytes);
    const all = [
      ...[undefined, null, true, 12n, -0, NaN, Infinity, "", "\0\ud83c\udf3d"],
      ...[new Date(5), { a: [{ b: 1n }], $corn: ["date", 1] }, [undefined, 1]],
    ];
    for (const value of all) assert.equal(await echo(value), value);
    assert.ok(Number.isNaN(Number(await echo(new Date(NaN)))));
    const long = "ü".repeat(10_000_000);
    assert.is(await size(long), long.length);
    assert.ok(await text(10_000_000) === long);
  });

  values(
    "what cannot be told is refused, and the next call runs",
    async (lab) => {
      const { client, ...pool } = await openPool(lab, module);
      await using _ = pool;
      const cases: [() => PromiseLike<unknown>, RegExp][] = [
        [() => client.cyclic(), /it holds itself/],
        [() => client.deep(100_000), /Maximum call stack|call stack size/],
        [() => client.unreadable(), /no member/],
        [() => client.map(), /Cannot send a Map/],
        [() => client.lateStream(), /Cannot stream .*: make the task/],
        [() => client.lateBody(), /Cannot stream .*: make the task/],
        [() => client.symbol(), /Cannot send a symbol/],
        [() => client.rejects(), /failed: rejected/],
        [() => client.throwsNothing(), /threw undefined/],
        [() => client.throwsBare(), /threw what cannot be told/],
        [() => client.throwsUnreadable(), /threw what cannot be told/],
        [() => client.throwsMuch(), /failed: xxxx/],
        [() => client.text(40 * 1024 * 1024), /a frame holds at most/],
        [() => client.echo(module.cyclic()), /it holds itself/],
      ];
      for (const [call, said] of cases) {
        assert.match(
          (await within("its end", failure(call()))).message,
          said,
        );
        assert.is(await client.echo(1), 1);
      }
      const { remote } = await failure(client.caused());
      assert.is(remote.message, "outer");
      assert.is(remote.cause?.name, "RangeError");
      assert.is(remote.cause?.message, "inner");
      const got: unknown[] = [];
      const error = await failure((async () => {
        for await (const one of client.yieldsStrange()) got.push(one);
      })());
      assert.equal(got, [1]);
      assert.match(error.message, /Cannot send a function/);
      assert.is(pool.inflight.open, 0);
    },
  );

  values(
    "a reader that leaves ends a stream that has no end and fails at it",
    async (lab) => {
      const { client, ...pool } = await openPool(lab, module);
      await using _ = pool;
      let read = 0;
      for await (const _ of client.endless()) if (++read === 3) break;
      await until("it was told", () => seen.finallys === 1);
      assert.is(await client.echo(1), 1);
      assert.equal(pool.stuck, []);
    },
  );

  values(
    "calls beyond what may wait are refused without a connection",
    async (lab) => {
      const { client, ...pool } = await openPool(lab, module, { most: 8 });
      await using _ = pool;
      const calls = Array.from({ length: 2000 }, (_, at) => client.echo(at));
      const outcomes = await within("their end", Promise.allSettled(calls));
      const refused = outcomes.flatMap((one) =>
        one.status === "rejected" ? [one.reason] : []
      );
      assert.is(refused.length, 1992);
      for (const error of refused) assert.instance(error, TaskOverloadError);
      assert.ok(pool.connections() <= 8, `${pool.connections()} were made`);
      assert.is(await client.echo(1), 1);
    },
  );

  values("many calls at once are connected in several turns", async (lab) => {
    const { client, ...pool } = await openPool(lab, module, {
      serves: false,
      backlog: 128,
    });
    await using _ = pool;
    const controller = new AbortController();
    const patient = client.with({ signal: controller.signal });
    const calls = Array.from({ length: 100 }, (_, at) => patient.echo(at));
    const ended = Promise.allSettled(calls);
    assert.is(pool.connections(), 16);
    await until("all are", () => pool.connections() === 100);
    const more = Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => patient.echo(at)),
    );
    // Those that have none yet never get one.
    controller.abort();
    for (const outcomes of [await ended, await more]) {
      assert.ok(outcomes.every(({ status }) => status === "rejected"));
    }
    await sleep(50);
    assert.ok(pool.connections() <= 116, `${pool.connections()} were made`);
  });

  values("calls that find the queue full are refused together", async (lab) => {
    const { client, ...pool } = await openPool(lab, module, {
      serves: false,
      backlog: 4,
    });
    await using _ = pool;
    const controller = new AbortController();
    const patient = client.with({ signal: controller.signal });
    const refused: unknown[] = [];
    const calls = Array.from(
      { length: 2000 },
      (_, at) =>
        patient.echo(at).then(undefined, (error) => refused.push(error)),
    );
    await until("all but five are", () => refused.length === 1995);
    for (const error of refused) assert.instance(error, TaskOverloadError);
    assert.ok(pool.connections() < 200, `${pool.connections()} were made`);
    controller.abort();
    await Promise.all(calls);
  });

  values("two thousand calls at once end, each in some way", async (lab) => {
    const { client, ...pool } = await openPool(lab, module);
    await using _ = pool;
    const counts = { done: 0, refused: 0 };
    const calls = Array.from({ length: 2000 }, async (_, at) => {
      try {
        assert.is(await client.echo(at), at);
        counts.done++;
      } catch (error) {
        assert.instance(error, TaskOverloadError);
        counts.refused++;
      }
    });
    await within("their end", Promise.all(calls));
    assert.is(counts.done + counts.refused, 2000);
    assert.ok(counts.done >= 16, `${counts.done} ran`);
    assert.is(await client.echo(1), 1);
  });
}

values.run();
