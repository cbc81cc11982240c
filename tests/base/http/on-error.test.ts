import { withOnError } from "../../../src/base/http/on-error.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const recovering = suite("withOnError()");

const failure = new Error("no");
const fails = (): unknown => {
  throw failure;
};
const failsLater = () => Promise.reject(failure);

/** What comes of a call, or what it throws. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}

recovering("leaves a handler alone where there is none", () => {
  for (const none of [undefined, null, "recover"]) {
    assert.is(withOnError(fails, none), fails);
  }
});

recovering("has nothing to do with what does not fail", async () => {
  const never = () => assert.unreachable();
  const add = (one: number, other: number) => one + other;
  assert.is(withOnError(add, never)(1, 2), 3);
  assert.is(await withOnError(() => Promise.resolve(4), never)(), 4);
});

recovering("answers what failed, at once or later", async () => {
  const seen: unknown[] = [];
  for (const handler of [fails, failsLater]) {
    for (const later of [false, true]) {
      const answer = await withOnError(handler, (error: unknown) => {
        seen.push(error);
        return later ? Promise.resolve("sorry") : "sorry";
      })();
      assert.is(answer, "sorry");
    }
  }
  assert.equal(seen, Array(4).fill(failure));
  assert.is(withOnError(fails, () => "sorry")(), "sorry", "not a promise");
});

recovering("lets the failure stand where it gives nothing", async () => {
  for (const handler of [fails, failsLater]) {
    for (const nothing of [undefined, null]) {
      for (const given of [nothing, Promise.resolve(nothing)]) {
        const recovered = withOnError(handler, () => given);
        assert.is(await outcome(recovered), failure);
      }
    }
    const worse = new Error("worse");
    const fails = withOnError(handler, () => {
      throw worse;
    });
    assert.is(await outcome(fails), worse);
  }
});

recovering.run();
