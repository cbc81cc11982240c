import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { obeySignals } from "../../../src/arbiter/host/signals.ts";
import type { Subjects } from "../../../src/arbiter/host/signals.ts";
import { openErrorLog } from "../../../src/log/error/error-log.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const signals = suite("obeySignals()");

signals("a second TERM counts from 100 ms on", () => {
  const runtime = new FakeRuntime();
  const stops: string[] = [];
  const log = openErrorLog(runtime, {
    errorLogfile: "-",
    logFormat: "text",
    logLevel: "debug",
  });
  const subjects = {
    arbiter: { stop: (how: string) => stops.push(how) },
    upgrade: { whenSettled: (run: () => void) => run() },
  };
  obeySignals(runtime, subjects as unknown as Subjects, log);
  runtime.signal("SIGTERM");
  runtime.clock.pass(99);
  runtime.signal("SIGTERM");
  assert.equal(stops, ["graceful"]);
  runtime.signal("SIGINT");
  assert.equal(stops, ["graceful", "quick"]);
  runtime.clock.pass(1);
  runtime.signal("SIGTERM");
  assert.equal(stops, ["graceful", "quick", "graceful"]);
});

signals.run();
