import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createSummary } from "../../../src/worker/observe/summary.ts";
import { FakeClock } from "../../support/fake/clock.ts";

const summary = suite("createSummary()");

summary("a few are told in full, those beyond counted by kind", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = createSummary({ clock, report: (text) => void told.push(text) });
  for (let count = 0; count < 20; count++) {
    tell(`GET /${count} failed\nError: one\n    at a\n    at ${count}`);
  }
  tell("GET / failed\nError: two");
  assert.is(told.length, 6);
  assert.match(told[4]!, "GET /4 failed");
  clock.pass(10_000);
  assert.equal(told.slice(6), ["15 more errors in the last 10 s: Error: one"]);
  tell("GET / failed\nError: one\n    at a");
  assert.is(told.length, 7, "it goes on");
  clock.pass(10_000);
  assert.is(told.length, 8);
  clock.pass(10_000);
  tell("GET / failed\nError: one\n    at a");
  assert.is(told.length, 9, "after a quiet time it is told in full again");
});

summary("each period tells its own, and a quiet one ends it", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = createSummary({ clock, report: (text) => void told.push(text) });
  const fail = (times: number) => {
    for (let count = 0; count < times; count++) {
      tell("GET / failed\nError: one");
    }
  };
  const news = () => told.splice(0).filter((text) => text.includes("more"));
  fail(6);
  clock.pass(10_000);
  assert.equal(news(), ["1 more errors in the last 10 s: Error: one"]);
  fail(3);
  clock.pass(10_000);
  assert.equal(news(), ["3 more errors in the last 10 s: Error: one"]);
  clock.pass(10_000);
  assert.equal([told, clock.due()], [[], []], "nobody is woken");
});

summary("a flood of kinds is bounded", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = createSummary({ clock, report: (text) => void told.push(text) });
  for (let count = 0; count < 1000; count++) {
    tell(`GET / failed\nError: number ${count}`);
  }
  assert.is(told.length, 100);
  clock.pass(10_000);
  assert.equal(told.slice(100), [
    "900 more errors in the last 10 s: of other kinds",
  ]);
});

summary.run();
