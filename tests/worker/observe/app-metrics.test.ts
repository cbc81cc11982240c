import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { AppMetrics } from "../../../src/worker/observe/app-metrics.ts";
import type { WorkerHost } from "../../../src/worker/observe/worker-host.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const own = suite("AppMetrics");

/** An app's metrics, and what the arbiter is told of them. */
function start(read: () => unknown) {
  const clock = new FakeClock();
  const told: [id: number, text: string][] = [];
  const said: string[] = [];
  const host = {
    runtime: { clock },
    send(message: { readonly id: number; readonly text: string }) {
      told.push([message.id, message.text]);
    },
    say: (level: string, text: string) => said.push(`${level} ${text}`),
  } as unknown as WorkerHost;
  return { clock, told, said, metrics: new AppMetrics(host, read) };
}

own("an app that cannot tell at first is asked all the same", async () => {
  let ready = false;
  const { metrics, told, said } = start(() => {
    if (!ready) throw new Error("not connected");
    return "x 1\n";
  });
  await metrics.begin();
  assert.ok(told.length > 0 && told.every(([, text]) => text === ""));
  assert.equal(said, [
    "warning Cannot read the app's metrics: not connected",
  ]);
  ready = true;
  await metrics.tell(7);
  assert.equal(told.at(-1), [7, "x 1\n"]);
});

own("one whose first answer never comes is asked as well", async () => {
  const { metrics, told } = start(() => new Promise(() => {}));
  void metrics.begin();
  await settle();
  assert.equal(told, [[0, ""]]);
});

own("where nothing can be read a scrape has what was read last", async () => {
  const answers: unknown[] = ["x 1\n", 42, "x".repeat(600_000), "x 2\n"];
  const { metrics, told, said } = start(() => answers.shift());
  await metrics.begin();
  await metrics.tell(1);
  await metrics.tell(2);
  await metrics.tell(3);
  assert.equal(told, [
    ...[[0, ""], [0, "x 1\n"], [1, "x 1\n"], [2, "x 1\n"], [3, "x 2\n"]],
  ]);
  assert.equal(said, [
    "warning Cannot read the app's metrics: it gave no text",
    "warning Cannot read the app's metrics: it has 600000 characters, more than the 524288 that may be told",
  ]);
});

own("each reason is told once, and no more than a few of them", async () => {
  let count = 0;
  const { metrics, said } = start(() => {
    throw new Error(count++ % 2 === 0 ? "no database" : `no ${count}`);
  });
  for (let at = 0; at < 20; at++) await metrics.tell(at);
  assert.equal(said.map((text) => text.split(": ")[1]), [
    ...["no database", "no 2", "no 4", "no 6"],
  ]);
});

own("an app that does not answer is told of, and not asked again", async () => {
  const answers: PromiseWithResolvers<string>[] = [];
  const { metrics, clock, told, said } = start(() => {
    const one = Promise.withResolvers<string>();
    answers.push(one);
    return one.promise;
  });
  void metrics.tell(1);
  void metrics.tell(2);
  answers[0]!.resolve("x 1\n");
  await settle();
  assert.equal(told, [[1, "x 1\n"], [2, "x 1\n"]]);
  void metrics.tell(3);
  clock.pass(500);
  for (const id of [4, 5]) await metrics.tell(id);
  assert.is(answers.length, 2);
  assert.equal(told.slice(2), [[4, "x 1\n"], [5, "x 1\n"]]);
  assert.equal(said, [
    "warning Cannot read the app's metrics: it has not answered the last question yet",
  ]);
  let over = false;
  void metrics.tellLast().then(() => over = true);
  answers[1]!.resolve("x 2\n");
  await settle();
  answers[2]!.resolve("x 3\n");
  await settle();
  assert.ok(over);
  assert.equal(told.at(-1), [0, "x 3\n"]);
});

own("the last time is waited for, for half a second", async () => {
  const { metrics, clock, told } = start(() => new Promise(() => {}));
  let over = false;
  void metrics.tellLast().then(() => over = true);
  await settle();
  clock.pass(499);
  await settle();
  assert.not(over);
  clock.pass(1);
  await settle();
  assert.ok(over);
  assert.equal(told, []);
  const quick = start(() => "x 1\n");
  await quick.metrics.tellLast();
  assert.equal(quick.clock.due(), [], "nothing is waited for any more");
});

own("as much as may be told is told", async () => {
  const most = 512 * 1024;
  const texts = ["x".repeat(most), "\x01".repeat(most / 4), "\0".repeat(most)];
  const { metrics, told, said } = start(() => texts.shift());
  for (let id = 1; id <= 3; id++) await metrics.tell(id);
  assert.equal(told.map(([, { length }]) => length), [
    ...[most, most / 4, most / 4],
  ]);
  assert.is(said.length, 1, "a control character takes six as JSON");
});

own.run();
