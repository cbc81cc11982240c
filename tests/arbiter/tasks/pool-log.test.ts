import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createPoolLog } from "../../../src/arbiter/tasks/pool-log.ts";
import { openErrorLog } from "../../../src/log/error/error-log.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const pools = suite("createPoolLog()");

/** The log of a pool, and what it writes. */
function begin(errorLogfile: string) {
  const runtime = new FakeRuntime();
  const log = openErrorLog(runtime, {
    errorLogfile,
    logFormat: "text",
    logLevel: "debug",
  });
  const lines = () =>
    runtime.stderr.text.split("\n").filter((line) => line !== "")
      .map((line) => line.replace(/^\[[^\]]*\] /, ""));
  return { log, pool: createPoolLog(log, "images"), lines };
}

pools("each line names the pool", () => {
  const { pool, lines } = begin("-");
  for (
    const level of ["debug", "info", "warning", "error", "critical"] as const
  ) {
    pool[level]("so");
    pool.log(level, "it is", 7);
  }
  pool.exception("boom", 7);
  assert.equal(
    lines(),
    [
      ...["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"].flatMap((level) => [
        `[100] [${level}] Tasks images: so`,
        `[7] [${level}] Tasks images: it is`,
      ]),
      "[7] [ERROR] Tasks images: boom",
    ],
  );
});

pools("where it goes is the log's to say, at any time", () => {
  assert.is(begin("-").pool.inFile, false);
  const { log, pool } = begin("/log/error");
  assert.is(pool.inFile, true);
  log.configure({ errorLogfile: "-", logFormat: "text", logLevel: "debug" });
  assert.is(pool.inFile, false);
});

pools.run();
