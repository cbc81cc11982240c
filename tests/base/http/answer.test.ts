import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { answerLater, answerThrough } from "../../../src/base/http/answer.ts";
import type { Answer, Finish } from "../../../src/runtime/runtime.ts";

const answers = suite("answerThrough");

const request = new Request("http://localhost/");
const response = new Response("of the app");
const another = new Response("of the step");

/** Handlers as the gateway is one: what comes later passes through `finish`. */
const atOnce = { fetch: (): Answer => response };
const later = {
  fetch: (_request: Request, _env: unknown, finish?: Finish): Answer =>
    answerLater(Promise.resolve(response), finish),
};

/** What steps see, by their names, in order. */
function watch(): { seen: unknown[][]; step: Finish; finish: Finish } {
  const seen: unknown[][] = [];
  return {
    seen,
    step: (given) => (seen.push(["step", given]), another),
    finish: (given) => (seen.push(["finish", given]), given),
  };
}

answers("answerThrough() passes what is there at once through the step", () => {
  const { seen, step, finish } = watch();
  // The caller that gave `finish` sees this answer itself.
  assert.is(answerThrough(atOnce, request, 1, step, finish), another);
  assert.equal(seen.map(([name]) => name), ["step"]);
  assert.is(seen[0]?.[1], response);
});

answers(
  "answerThrough() passes what comes later through the step, then finish",
  async () => {
    const { seen, step, finish } = watch();
    const answer = answerThrough(later, request, 1, step, finish);
    assert.ok(answer instanceof Promise);
    assert.equal(seen, []);
    assert.is(await answer, another);
    assert.equal(seen.map(([name]) => name), ["step", "finish"]);
    assert.is(seen[1]?.[1], another);
  },
);

answers("answerThrough() needs no finish", async () => {
  const { seen, step } = watch();
  assert.is(await answerThrough(later, request, 1, step), another);
  assert.equal(seen.map(([name]) => name), ["step"]);
});

answers("answerThrough() passes each of several steps once", async () => {
  for (const handler of [atOnce, later]) {
    const { seen, step } = watch();
    const inner = {
      fetch: (given: Request, env: unknown, finish?: Finish) =>
        answerThrough(handler, given, env, (one) => one, finish),
    };
    assert.is(await answerThrough(inner, request, 1, step), another);
    assert.equal(seen.length, 1);
  }
});

answers.run();
