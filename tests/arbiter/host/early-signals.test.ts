import { EarlySignals } from "../../../src/arbiter/host/early-signals.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const early = suite("EarlySignals");

function start() {
  const runtime = new FakeRuntime();
  const early = new EarlySignals(runtime);
  const lines: string[] = [];
  let hurried = false;
  void early.hurried.then(() => hurried = true);
  return {
    runtime,
    early,
    lines,
    log: { info: (text: string) => void lines.push(text) },
    async hurried() {
      await settle();
      return hurried;
    },
  };
}

early("orders are kept, each once and in the order they came", () => {
  const { runtime, early } = start();
  for (
    const signal of [
      "SIGUSR1",
      "SIGHUP",
      "SIGUSR1",
      "SIGUSR2",
      "SIGTTIN",
      "SIGTTOU",
      "SIGWINCH",
    ] as const
  ) runtime.signal(signal);
  assert.equal(early.take(), [
    "SIGUSR1",
    "SIGHUP",
    "SIGUSR2",
    "SIGTTIN",
    "SIGTTOU",
    "SIGWINCH",
  ]);
  assert.equal(early.take(), [], "they are taken once");
  assert.is(early.stopped, false);
});

early("endings are the system's until they are held", async () => {
  const { runtime, early, log, lines, hurried } = start();
  runtime.signal("SIGTERM");
  assert.is(early.stopped, false);
  early.holdEndings(log);
  runtime.signal("SIGTERM");
  assert.is(early.stopped, true);
  assert.equal(lines, ["Got SIGTERM at the start: corn ends before it serves"]);
  assert.is(await hurried(), false, "what has begun may end");
  runtime.signal("SIGTERM");
  assert.is(await hurried(), true);
  assert.equal(early.take(), []);
});

for (const signal of ["SIGINT", "SIGQUIT"] as const) {
  early(`${signal} waits for nothing`, async () => {
    const { runtime, early, log, hurried } = start();
    early.holdEndings(log);
    runtime.signal(signal);
    assert.is(early.stopped, true);
    assert.is(await hurried(), true);
  });
}

early("at rest none is heeded", async () => {
  const { runtime, early, log, lines, hurried } = start();
  early.holdEndings(log);
  early.rest();
  for (const signal of ["SIGHUP", "SIGTERM", "SIGINT"] as const) {
    runtime.signal(signal);
  }
  assert.equal([early.stopped, early.take(), lines], [false, [], []]);
  assert.is(await hurried(), false);
});

early("once closed it holds none", () => {
  const { runtime, early, log, lines } = start();
  early.holdEndings(log);
  early.close();
  runtime.signal("SIGHUP");
  runtime.signal("SIGTERM");
  assert.equal([early.stopped, early.take(), lines], [false, [], []]);
});

early.run();
