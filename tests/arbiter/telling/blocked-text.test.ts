import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  describeBlocked,
  describeSlow,
  describeStack,
  describeThreads,
  withoutOne,
} from "../../../src/arbiter/telling/blocked-text.ts";
import { childOf } from "../pool/drive.ts";

const blocked = suite("blocked text");

const child = childOf({ age: 7, slot: 2 });
const facts = { pid: 42, flight: undefined, look: undefined, explained: false };
const WHO = "Worker 2 (pid 42)";

function asked(path: string, ms = 0) {
  return { method: "GET", path, ms };
}

blocked("describeSlow() names one request, or what was open", () => {
  const text = (sight: Parameters<typeof describeSlow>[1]["sight"]) =>
    describeSlow({ about: "slow", child, ms: 1449 }, {
      facts,
      sight,
    }).text;
  assert.is(text(undefined), `${WHO} was blocked for 1.4 s`);
  assert.is(
    text({ by: asked("/report"), waiting: [asked("/a")], frames: [] }),
    `${WHO} was blocked for 1.4 s by GET /report`,
  );
  assert.is(
    text({ by: asked("/a"), waiting: [], frames: ["f (a.ts:1)", "b.ts:2"] }),
    `${WHO} was blocked for 1.4 s by GET /a: f (a.ts:1) < b.ts:2`,
  );
  assert.is(
    text({ by: undefined, waiting: [asked("/a"), asked("/b")], frames: [] }),
    `${WHO} was blocked for 1.4 s; open were GET /a, GET /b`,
  );
});

blocked("describeBlocked() names three that wait at most", () => {
  const waiting = ["/a", "/b", "/c", "/d"].map((path) => asked(path));
  const sight = { by: undefined, waiting, frames: [] };
  assert.is(
    describeBlocked({ child, ms: 600 }, { facts, sight }),
    `${WHO} is blocked for 0.6 s; open were GET /a, GET /b, GET /c`,
  );
});

blocked("describeStack() says where the stack is not known", () => {
  const text = (frames: readonly string[], blind?: string) =>
    describeStack({ child, ms: 600 }, {
      facts: { ...facts, blind },
      sight: { by: asked("/a"), waiting: [], frames },
    });
  const said = `${WHO} is blocked for 0.6 s by GET /a`;
  assert.is(text(["spin (a.ts:1)"]), `${said}: spin (a.ts:1)`);
  assert.is(text([], "Bun"), `${said}; its stack is not known on Bun`);
  assert.is(text([]), `${said}; its stack is not known`);
});

blocked("withoutOne() leaves out one that is the same in all", () => {
  const [one, other, later] = [asked("/a", 5), asked("/b", 5), asked("/a", 6)];
  assert.equal(withoutOne([other, later, one, one], asked("/a", 5)), [
    other,
    later,
    one,
  ]);
  assert.equal(withoutOne([one, other], asked("/a", 5)), [other]);
  assert.equal(withoutOne([one], { ...one, method: "POST" }), [one]);
  assert.equal(withoutOne([one], undefined), [one]);
});

blocked(
  "describeThreads() names each, and says where no stack is known",
  () => {
    const text = (...threads: Parameters<typeof describeThreads>[0]) =>
      describeThreads(threads, WHO);
    const by = asked("/spin", 900);
    const one = { thread: 2, ms: 900 };
    const unknown = "; its stack is not known";
    assert.is(
      text({ ...one, by, frames: ["f (a.ts:1)", "b.ts:2"] }),
      `${WHO}: thread 2 is blocked for 0.9 s by GET /spin: f (a.ts:1) < b.ts:2`,
    );
    assert.is(text(one), `${WHO}: thread 2 is blocked for 0.9 s${unknown}`);
    assert.is(
      text(one, { thread: 3, ms: 1200, frames: ["b.ts:2"] }),
      `${WHO}: thread 2 is blocked for 0.9 s, thread 3 is blocked for 1.2 s: b.ts:2`,
    );
  },
);

blocked.run();
