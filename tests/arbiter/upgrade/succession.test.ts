import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { succeed } from "../../../src/arbiter/upgrade/succession.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";

const succession = suite("succeed");

function successor() {
  const runtime = new FakeRuntime();
  const link = runtime.link = new FakeLink();
  link.onClose = (run) => link.close = run;
  runtime.ppid = 77;
  let promotions = 0;
  const subject = succeed(runtime, 77, () => promotions++);
  return { runtime, link, subject, promotions: () => promotions };
}

succession("knows its predecessor as long as that lives", () => {
  const { runtime, subject } = successor();
  assert.is(subject.predecessor(), 77);
  runtime.ppid = 1;
  assert.is(subject.predecessor(), undefined);
});

succession("tells the predecessor that it serves", () => {
  const { link, subject } = successor();
  subject.reportServing();
  assert.equal(link.sent, [{ type: "serving" }]);
});

succession("is promoted once when the predecessor is gone", () => {
  const { runtime, promotions } = successor();
  runtime.clock.pass(1000);
  assert.is(promotions(), 0);
  runtime.ppid = 1;
  runtime.clock.pass(300);
  assert.is(promotions(), 1);
  runtime.clock.pass(1000);
  assert.is(promotions(), 1);
  assert.equal(runtime.clock.due(), [], "no timer is left");
});

succession("looks at once when the channel closes", () => {
  const { runtime, link, promotions } = successor();
  link.close();
  assert.is(promotions(), 0, "the channel alone proves nothing");
  runtime.ppid = 1;
  link.close();
  assert.is(promotions(), 1);
});

succession("close() ends the watch", () => {
  const { runtime, subject, promotions } = successor();
  subject.close();
  runtime.ppid = 1;
  runtime.clock.pass(1000);
  assert.is(promotions(), 0);
});

succession.run();
