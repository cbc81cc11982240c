import {
  count,
  fieldsOf,
  flagOf,
  kindsOf,
  numberOf,
  reloadOf,
  sizeOf,
  slotOf,
  threadOf,
} from "../../src/control/given.ts";
import type { Refused } from "../../src/control/door/route.ts";
import type { Subject } from "../../src/control/subject.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const given = suite("what a client gave");

/** The status and the words of a refusal. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { status, message } = error as Refused;
    return `${status} ${message}`;
  }
  return "none";
}

const query = (text: string) => new URLSearchParams(text);

given("numbers are digits, and no more than they may be", () => {
  assert.is(count("0", "after"), 0);
  assert.is(count("60", "wait", 60), 60);
  for (const text of ["61", "-1", "1.5", "1e1", "", "x"]) {
    assert.is(
      refusal(() => count(text, "wait", 60)),
      '400 "wait" is a number of at most 60',
      text,
    );
  }
  assert.is(numberOf(query(""), "after"), 0);
  assert.is(numberOf(query("after=7"), "after"), 7);
  assert.equal(
    ["", "measure=0", "measure=1"].map((text) =>
      flagOf(query(text), "measure")
    ),
    [false, false, true],
  );
  assert.match(refusal(() => flagOf(query("measure=2"), "measure")), /^400 /);
});

given("kinds of events are those that are known", () => {
  const known = ["log", "note"];
  assert.equal(kindsOf(query(""), known), ["log", "note"]);
  assert.equal(kindsOf(query("event=note"), known), ["note"]);
  assert.is(
    refusal(() => kindsOf(query("event=note,sample"), known)),
    '400 "event" is of log, note',
  );
});

given("slots and threads are counted from one", () => {
  assert.is(slotOf({ slot: "12" }), 12);
  for (const slot of ["0", "01", "x", "", "1234567890"]) {
    assert.match(refusal(() => slotOf({ slot })), /^404 /, slot);
  }
  assert.is(threadOf(undefined), undefined);
  assert.is(threadOf(1), 1);
  for (const thread of [0, -1, 1.5, "1", null]) {
    assert.is(
      refusal(() => threadOf(thread)),
      '400 "thread" is a number from 1 on',
    );
  }
});

given("a body has the fields that are known, or is left out", () => {
  assert.equal(fieldsOf(undefined, ["a"]), {});
  assert.equal(fieldsOf({ a: 1 }, ["a", "b"]), { a: 1 });
  assert.is(
    refusal(() => fieldsOf({ a: 1, c: 2 }, ["a", "b"])),
    "400 The body has a field that is unknown",
  );
  for (const body of [[], "a", 1, null]) {
    assert.is(refusal(() => fieldsOf(body, [])), "400 The body is no object");
  }
});

given("a reload is told of its canary", () => {
  assert.equal(reloadOf(undefined), {});
  assert.equal(reloadOf({ canary: 30 }), { canary: 30 });
  assert.match(refusal(() => reloadOf({ canary: "soon" })), /^400 .*canary/);
});

given("a size is a number, a step or the load's to decide", () => {
  const size = (body: unknown, ranged = false) => {
    const subject = { facts: () => ({ ranged, wanted: 3 }) };
    return sizeOf(body, subject as unknown as Subject);
  };
  assert.is(size({ to: 4 }), 4);
  assert.is(size({ to: 1 }), 1);
  assert.is(size({ by: -2 }), 1);
  assert.is(size({ by: 2 }), 5);
  assert.is(size({ to: "auto" }, true), "auto");
  assert.match(refusal(() => size({ to: "auto" })), /^409 .* give a range/);
  for (
    const body of [
      {},
      { to: 1.5 },
      { to: "4" },
      { to: 4, by: 1 },
      { by: "1" },
      { to: "auto", by: 1 },
    ]
  ) {
    assert.match(refusal(() => size(body, true)), /^400 give "to"/);
  }
  assert.is(
    refusal(() => size({ by: -3 })),
    "400 A pool has at least 1 worker",
  );
  assert.match(refusal(() => size({ to: 1e9 })), /^400 A pool has at most /);
});

given.run();
