import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { obeySignals } from "../../../src/arbiter/host/signals.ts";
import type { Subjects } from "../../../src/arbiter/host/signals.ts";
import { openErrorLog } from "../../../src/log/error/error-log.ts";
import type { SignalName } from "../../../src/runtime/runtime.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const signals = suite("obeySignals()");

/** What a signal came to, and what is logged of it. */
function start(fails?: string) {
  const runtime = new FakeRuntime();
  const orders: string[] = [];
  const order = (name: string) => (how?: string | number) => {
    if (name === fails) throw new Error("it cannot be");
    orders.push(how === undefined ? name : `${name} ${how}`);
    return Promise.resolve();
  };
  const log = openErrorLog(runtime, {
    errorLogfile: "-",
    logFormat: "text",
    logLevel: "debug",
  });
  const subjects: Subjects = {
    arbiter: {
      stop: order("stop"),
      reload: order("reload"),
      resize: order("resize"),
      reopen: order("reopen"),
      pause: order("pause"),
    },
    upgrade: { whenSettled: (run) => run(), begin: order("upgrade") },
  };
  const obedience = obeySignals(runtime, subjects, log);
  return { runtime, orders, obedience };
}

signals("a second TERM counts from 100 ms on", () => {
  const { runtime, orders } = start();
  runtime.signal("SIGTERM");
  runtime.clock.pass(99);
  runtime.signal("SIGTERM");
  assert.equal(orders, ["stop graceful"]);
  runtime.signal("SIGINT");
  assert.equal(orders, ["stop graceful", "stop cut"]);
  runtime.clock.pass(1);
  runtime.signal("SIGTERM");
  assert.equal(orders, ["stop graceful", "stop cut", "stop graceful"]);
});

const meanings: readonly [SignalName, string][] = [
  ["SIGTERM", "stop graceful"],
  ["SIGINT", "stop cut"],
  ["SIGQUIT", "stop quick"],
  ["SIGHUP", "reload"],
  ["SIGTTIN", "resize 1"],
  ["SIGTTOU", "resize -1"],
  ["SIGUSR1", "reopen"],
  ["SIGUSR2", "upgrade"],
  ["SIGWINCH", "pause"],
];
for (const [signal, wanted] of meanings) {
  signals(`${signal} means ${wanted}`, () => {
    const { runtime, orders, obedience } = start();
    runtime.signal(signal);
    assert.equal(orders, [wanted]);
    assert.match(runtime.stderr.text, `Got ${signal}`);
    obedience.close();
    runtime.signal(signal);
    assert.equal(orders, [wanted], "nothing is obeyed any more");
  });
}

signals("WINCH of a terminal pauses nothing", () => {
  const { runtime, orders } = start();
  Object.assign(runtime.self.stdin, { terminal: true });
  runtime.signal("SIGWINCH");
  assert.equal(orders, []);
  assert.match(runtime.stderr.text, "WINCH ignored on a terminal");
});

signals("an order that throws is logged, and others are obeyed", () => {
  const { runtime, orders } = start("resize");
  runtime.signal("SIGTTIN");
  assert.match(runtime.stderr.text, "Cannot obey SIGTTIN: it cannot be");
  runtime.signal("SIGUSR1");
  assert.equal(orders, ["reopen"]);
});

signals.run();
