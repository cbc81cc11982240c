import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Questions } from "../../../src/arbiter/workers/questions.ts";
import { RequestLists } from "../../../src/arbiter/workers/request-lists.ts";
import type { ArbiterMessage } from "../../../src/protocol/messages.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const questions = suite("Questions");

interface Answer {
  readonly id: number;
  readonly text: string;
}

function start() {
  const clock = new FakeClock();
  const ids: number[] = [];
  const sent: number[] = [];
  const all = new Questions<Answer>({
    clock,
    waitMs: 300,
    send: (age) => void sent.push(age),
  });
  /** Asks, and tells what came of it. */
  const ask = (...ages: number[]) => {
    const outcome = { ends: 0, said: {} as Record<string, string> };
    const message = (id: number) => {
      ids.push(id);
      return { type: "list", id, query: false } satisfies ArbiterMessage;
    };
    all.ask(ages, message, (answers) => {
      outcome.ends++;
      for (const [age, { text }] of answers) outcome.said[age] = text;
    });
    return { outcome, id: ids.at(-1) ?? 0 };
  };
  return { all, clock, sent, ask };
}

questions("a question ends with the last answer", () => {
  const { all, clock, sent, ask } = start();
  const { outcome, id } = ask(4, 7);
  assert.equal(sent, [4, 7]);
  all.take(4, { id, text: "four" });
  // An answer counts from the worker that was asked, and the first one alone.
  all.take(9, { id, text: "nine" });
  all.take(4, { id, text: "again" });
  all.take(7, { id: id + 1, text: "of another" });
  assert.is(outcome.ends, 0);
  all.take(7, { id, text: "seven" });
  assert.equal(outcome, { ends: 1, said: { 4: "four", 7: "seven" } });
  assert.equal(clock.due(), [], "nothing waits any more");
});

questions("what is not answered in time is not waited for", () => {
  const { all, clock, ask } = start();
  const { outcome, id } = ask(4, 7);
  all.take(4, { id, text: "four" });
  clock.pass(299);
  assert.is(outcome.ends, 0);
  clock.pass(1);
  assert.equal(outcome, { ends: 1, said: { 4: "four" } });
  all.take(7, { id, text: "late" });
  assert.equal(outcome, { ends: 1, said: { 4: "four" } });
});

questions("a worker that is gone is not waited for", () => {
  const { all, ask } = start();
  const [one, other] = [ask(4, 7), ask(4)];
  all.exited(9);
  assert.equal([one.outcome.ends, other.outcome.ends], [0, 0]);
  all.exited(4);
  assert.equal([one.outcome.ends, other.outcome.ends], [0, 1]);
  all.take(7, { id: one.id, text: "seven" });
  assert.equal(one.outcome, { ends: 1, said: { 7: "seven" } });
});

questions("a question to nobody ends at once", () => {
  const { clock, ask } = start();
  assert.is(ask().outcome.ends, 1);
  assert.equal(clock.due(), []);
});

questions("requests are waited for for a moment", async () => {
  const clock = new FakeClock();
  const lists = new RequestLists({ clock, send() {} });
  let said: unknown;
  void lists.list([1], false).then((answers) => said = [...answers.keys()]);
  clock.pass(299);
  await settle();
  assert.is(said, undefined);
  clock.pass(1);
  await settle();
  assert.equal(said, []);
});

questions.run();
