import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { succeed } from "../../../src/arbiter/upgrade/succession.ts";
import { Sums } from "../../../src/telemetry/sums.ts";
import type { CountsRecord } from "../../../src/telemetry/sums.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";

const succession = suite("succeed");

function successor() {
  const runtime = new FakeRuntime();
  const link = runtime.link = new FakeLink();
  link.onClose = (run) => link.close = run;
  runtime.ppid = 77;
  let promotions = 0;
  const sums: CountsRecord[] = [];
  const subject = succeed(runtime, 77, {
    onPromoted: () => promotions++,
    onSums: (record) => sums.push(record),
  });
  return { runtime, link, subject, sums, promotions: () => promotions };
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

succession("tells what it counted, and takes what the other did", () => {
  const { link, subject, sums } = successor();
  const record = { ...new Sums([5]).record(), app: "" };
  subject.tellSums(record);
  assert.equal(link.sent, [{ type: "sums", record }]);
  link.receive(JSON.parse(JSON.stringify({ type: "sums", record })));
  assert.equal(sums, [record]);
  for (
    const wrong of [
      {},
      { ...record, bucketsMs: ["5"] },
      { ...record, slots: [[1, { requests: -1, cpuMs: 0, restarts: 0 }]] },
      { ...record, exits: { crash: "many" } },
      { ...record, requests: [{ method: "GET" }] },
    ]
  ) link.receive({ type: "sums", record: wrong });
  assert.is(sums.length, 1);
});

succession("is promoted once when the predecessor is gone", () => {
  const { runtime, promotions } = successor();
  runtime.clock.pass(1000);
  assert.is(promotions(), 0);
  runtime.ppid = 1;
  runtime.clock.pass(249);
  assert.is(promotions(), 0);
  runtime.clock.pass(1);
  assert.is(promotions(), 1);
  runtime.clock.pass(1000);
  assert.is(promotions(), 1);
  assert.equal(runtime.clock.due(), [], "no timer is left");
});

succession("looks at once when the channel closes", () => {
  const { runtime, link, promotions } = successor();
  link.close();
  assert.is(promotions(), 0, "the channel alone proves nothing");
  assert.is(runtime.clock.due().length, 1, "it is looked again, once");
  runtime.ppid = 1;
  link.close();
  assert.is(promotions(), 1);
  link.close();
  assert.is(promotions(), 1);
  assert.equal(runtime.clock.due(), []);
});

succession("close() ends the watch", () => {
  const { runtime, link, subject, promotions } = successor();
  subject.close();
  assert.equal(runtime.clock.due(), []);
  runtime.ppid = 1;
  link.close();
  assert.is(promotions(), 0);
});

succession.run();
