/** uvu's assertions, counted: a test that makes none fails (see suite.ts). */
import * as uvu from "uvu/assert";

let count = 0;

/** Assertions made in this process so far. */
export function assertions(): number {
  return count;
}

/** Counts what is as good as an assertion: a wait that fails when it is in vain. */
export function countAssertion(): void {
  count++;
}

// deno-lint-ignore no-explicit-any
type AnyFunction = (...all: any[]) => void;

function countedOne(check: AnyFunction): AnyFunction {
  return (...all) => {
    count++;
    check(...all);
  };
}

/** The same function, counted, with those that hang on it, such as `not.equal`. */
function counted<Kind extends AnyFunction>(check: Kind): Kind {
  const members = Object.entries(check).map((
    [name, member],
  ) => [name, countedOne(member as AnyFunction)]);
  return Object.assign(countedOne(check), Object.fromEntries(members));
}

/** True for a class of errors. */
function isErrorClass(
  expected: unknown,
): expected is new (...all: never[]) => Error {
  return typeof expected === "function" &&
    (expected === Error || expected.prototype instanceof Error);
}

/** As uvu's, which would take a class for a test that any error passes. */
const throwsSuch: typeof uvu.throws = (run, expected, message) =>
  uvu.throws(
    run,
    isErrorClass(expected)
      ? (error: unknown) => error instanceof expected
      : expected,
    message,
  );

export const ok: typeof uvu.ok = counted(uvu.ok);
export const is: typeof uvu.is = counted(uvu.is);
export const equal: typeof uvu.equal = counted(uvu.equal);
export const type: typeof uvu.type = counted(uvu.type);
export const instance: typeof uvu.instance = counted(uvu.instance);
export const match: typeof uvu.match = counted(uvu.match);
export const throws: typeof uvu.throws = counted(throwsSuch);
export const not: typeof uvu.not = counted(uvu.not);

/** Fails; a test that never comes here has asserted nothing by it. */
export const unreachable: typeof uvu.unreachable = uvu.unreachable;
