import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { WorkerMessage } from "../../../src/protocol/messages.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";

const host = suite("a worker's way to its arbiter");

const MAX_WAITING = 4 * 1024 * 1024;
const MAX_TEXT = 128 * 1024;

function start() {
  const link = new FakeLink();
  return {
    link,
    host: createHost(new FakeRuntime(), link),
    /** What was sent since it was asked last. */
    sent: () => link.sent.splice(0) as unknown as WorkerMessage[],
  };
}

host("what the app threw is told apart from what is said", () => {
  const { host, sent } = start();
  host.say("warning", "careful");
  host.sayThrown("Error: no");
  assert.equal(sent(), [
    { type: "log", level: "warning", text: "careful" },
    { type: "log", level: "error", text: "Error: no", exception: true },
  ]);
});

host("what is logged for an arbiter that stands still is counted", () => {
  for (const count of [1, 2]) {
    const { host, link, sent } = start();
    link.waiting = MAX_WAITING + 1;
    for (let time = 0; time < count; time++) {
      host.say("info", "too much");
    }
    assert.equal(sent(), []);
    host.send({ type: "closed" });
    assert.equal(sent(), [{ type: "closed" }], "nothing else is lost");
    link.waiting = MAX_WAITING;
    host.say("info", "again");
    host.say("info", "and again");
    const messages = count === 1 ? "1 log message" : `${count} log messages`;
    const text = `Lost ${messages}: the arbiter stood still`;
    assert.equal(sent(), [
      { type: "log", level: "warning", text },
      { type: "log", level: "info", text: "again" },
      { type: "log", level: "info", text: "and again" },
    ]);
  }
});

host("a text is cut that no line of the channel takes", () => {
  const { host, sent } = start();
  const longest = "x".repeat(MAX_TEXT);
  host.say("info", longest);
  host.say("info", `${longest}yz`);
  host.send({
    type: "failed",
    kind: "app",
    message: `${longest}a`,
    stack: "short",
  });
  const more = (count: number) => `${longest}... (${count} characters more)`;
  assert.equal(
    sent().map((one) => "text" in one ? one.text : one),
    [longest, more(2), {
      ...{ type: "failed", kind: "app" },
      message: more(1),
      stack: "short",
    }],
  );
});

host.run();
