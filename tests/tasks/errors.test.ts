import {
  remoteError,
  TaskError,
  TaskFailure,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "../../src/tasks/errors.ts";
import type { RemoteError } from "../../src/tasks/errors.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const errors = suite("errors of tasks");

errors("each has its class's name, the task, and a message", () => {
  const remote = { name: "RangeError", message: "too far", stack: "" };
  const all: readonly (readonly [TaskFailure, string])[] = [
    [new TaskFailure("a.b", "x"), "x"],
    [new TaskError("a.b", remote), "Task a.b failed: RangeError: too far"],
    [
      new TaskError("a.b", { ...remote, name: "Error" }),
      "Task a.b failed: too far",
    ],
    [new TaskTimeoutError("a.b", 1500), "Task a.b was not over within 1.5 s"],
    [
      new TaskOverloadError("a.b"),
      "Cannot call task a.b: its pool's queue is full",
    ],
    [new TaskLostError("a.b", "y", { cause: 7 }), "y"],
  ];
  for (const [error, message] of all) {
    assert.is(error.name, error.constructor.name);
    assert.equal([error.task, error.message], ["a.b", message]);
    assert.instance(error, TaskFailure);
  }
  assert.is(new TaskFailure("a", "b", { cause: 7 }).cause, 7);
});

errors("remoteError() tells what was thrown, with its causes", () => {
  const cause = new TypeError("inner", { cause: "no error" });
  const told = remoteError(new RangeError("outer", { cause }));
  assert.equal([told.name, told.message], ["RangeError", "outer"]);
  assert.match(told.stack, "errors.test.ts");
  assert.equal([told.cause?.name, told.cause?.message], ["TypeError", "inner"]);
  assert.not(Object.hasOwn(told.cause ?? {}, "cause"), "that is no error");

  const own: Error & { cause?: unknown } = new Error("itself");
  own.cause = own;
  let count = 0;
  let one: RemoteError | undefined = remoteError(own);
  for (; one !== undefined; one = one.cause) count++;
  assert.is(count, 6, "the error, and five causes");
});

errors("remoteError() tells so much of a text as passes", () => {
  const most = 64 * 1024;
  for (const length of [most, most + 1]) {
    const error = new Error("x".repeat(length));
    error.name = "y".repeat(length);
    error.stack = "z".repeat(length);
    const { name, message, stack } = remoteError(error);
    assert.equal([name, message, stack].map((text) => text.length), [
      ...[most, most, most],
    ]);
  }
  const bare = new Error("x");
  delete bare.stack;
  assert.is(remoteError(bare).stack, "");
});

errors("remoteError() never throws", () => {
  const strange = (message: string) => ({ name: "Error", message, stack: "" });
  assert.equal(remoteError("no"), strange("threw no"));
  assert.equal(remoteError(undefined), strange("threw undefined"));
  const mute = Object.create(null);
  assert.equal(remoteError(mute), strange("threw what cannot be told"));
  const trap = Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("no");
    },
  });
  assert.equal(remoteError(trap), strange("threw what cannot be told"));
});

errors.run();
