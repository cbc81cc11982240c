import {
  callTask,
  findTask,
  iteratorOf,
  passOn,
  taskNames,
  valueOf,
} from "../../src/tasks/run-task.ts";
import type { TaskContext } from "../../src/tasks/types.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const running = suite("a module's tasks");

const context: TaskContext = { signal: new AbortController().signal };

running("findTask() finds functions that are the module's own", () => {
  const module = {
    resize: () => 1,
    Shape: class {},
    classify: () => 2,
    limit: 3,
    onStart() {},
    metrics: () => "",
    default: () => 4,
  };
  assert.equal(taskNames(module), ["resize", "classify"]);
  assert.is(findTask(module, "resize"), module.resize);
  for (const name of ["toString", "Shape", "limit", "onStart", "none"]) {
    assert.is(findTask(module, name), undefined, name);
  }
});

running("callTask() puts the context behind the arguments", () => {
  const all = (...given: unknown[]) => given;
  const two = (one: unknown, other: unknown, last: unknown) => [
    ...[one, other, last],
  ];
  assert.equal(callTask(all, [1, 2], context), [1, 2, context]);
  assert.equal(callTask(two, [1], context), [1, undefined, context]);
  assert.equal(callTask(two, [1, 2], context), [1, 2, context]);
  const args = [1];
  callTask(two, args, context);
  assert.equal(args, [1], "they stay as they are");
});

running("iteratorOf() takes what yields, and no value for it", async () => {
  function* generator() {
    yield 1;
  }
  const stream = new Blob(["a"]).stream();
  for (const result of [generator(), stream]) {
    assert.is(typeof iteratorOf(result)?.next, "function");
  }
  const next = { next: () => ({ done: true }) };
  for (
    const value of [undefined, null, 1, "text", [1], new Set([1]), next, {}]
  ) {
    assert.is(iteratorOf(value), undefined);
    assert.is(await valueOf(Promise.resolve(value)), value);
  }
});

running("valueOf() refuses a stream that comes late, and ends it", async () => {
  let ended = 0;
  async function* rows() {
    try {
      yield 1;
    } finally {
      ended++;
    }
  }
  const begun = rows();
  await begun.next();
  const refused = await valueOf(Promise.resolve(begun)).catch(String);
  assert.match(String(refused), "Cannot stream from a function that gives");
  assert.is(ended, 1);
});

/** Numbers without an end, how many were made, and whether they were ended. */
function numbers() {
  const seen = { made: 0, ended: false };
  function* all() {
    try {
      while (true) yield seen.made++;
    } finally {
      seen.ended = true;
    }
  }
  return { seen, iterator: all() };
}

running("passOn() hands on all, and tells that it was all", async () => {
  const taken: unknown[] = [];
  const { signal } = new AbortController();
  const ended = await passOn([1, 2][Symbol.iterator](), signal, (one) => {
    taken.push(one);
    return undefined;
  });
  assert.equal([ended, taken], [true, [1, 2]]);
});

running("passOn() ends what is given up, wherever it is", async () => {
  const before = numbers();
  const none = () => {
    assert.unreachable();
    return undefined;
  };
  await before.iterator.next();
  assert.is(
    await passOn(before.iterator, AbortSignal.abort(), none),
    false,
  );
  assert.equal(before.seen, { made: 1, ended: true });

  const between = numbers();
  const controller = new AbortController();
  const taken: unknown[] = [];
  const ended = await passOn(between.iterator, controller.signal, (one) => {
    taken.push(one);
    if (one === 2) controller.abort();
    return undefined;
  });
  assert.equal([ended, taken], [false, [0, 1, 2]]);
  assert.ok(between.seen.ended);

  const during = new AbortController();
  let returned = 0;
  const slow: AsyncIterator<number> = {
    next() {
      during.abort();
      return Promise.resolve({ done: false, value: 1 });
    },
    return() {
      returned++;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  assert.is(await passOn(slow, during.signal, none), false);
  assert.is(returned, 1);
});

running("passOn() ends what cannot be handed on, and says why", async () => {
  const { iterator, seen } = numbers();
  const { signal } = new AbortController();
  const why = await passOn(iterator, signal, () => {
    throw new TypeError("Cannot send a Map");
  }).catch(String);
  assert.is(why, "TypeError: Cannot send a Map");
  assert.equal(seen, { made: 1, ended: true });
});

running.run();
