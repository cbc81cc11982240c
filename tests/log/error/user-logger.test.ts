import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  createTaker,
  giveRecords,
  missingMethods,
} from "../../../src/log/error/user-logger.ts";
import type { LoggerObject } from "../../../src/log/error/user-logger.ts";
import type { LogEvent } from "../../../src/log/event.ts";

const taker = suite("taker");

function recorder(more: object = {}, levels = "debug info warn error") {
  const calls: unknown[][] = [];
  const logger: Record<string, unknown> = { ...more };
  for (const level of levels.split(" ")) {
    logger[level] = (...all: unknown[]) => void calls.push([level, ...all]);
  }
  return { calls, logger: logger as unknown as LoggerObject };
}

const event = (given: Partial<LogEvent>): LogEvent => ({
  time: new Date(0),
  level: "info",
  pid: 7,
  text: "text",
  ...given,
});

taker("take() gives message and fields", () => {
  const { calls, logger } = recorder();
  const { take } = createTaker(logger);
  assert.ok(take(event({ text: "a {b} %s\n  at c\n" })));
  assert.ok(take(event({ stream: "stdout" })));
  assert.equal(calls, [
    ["info", "a {b} %s", { pid: 7, stack: "  at c" }],
    ["info", "text", { pid: 7, stream: "stdout" }],
  ]);
});

const styles = [
  ["pino", { bindings() {} }, [{ pid: 7 }, "a {b}"]],
  ["bunyan", { addSerializers() {} }, [{ pid: 7 }, "a {b}"]],
  ["LogTape", { category: ["corn"] }, ["a {{b}}", { pid: 7 }]],
] as const;
for (const [name, more, expected] of styles) {
  taker(`take() calls ${name} in its own way`, () => {
    const { calls, logger } = recorder(more);
    createTaker(logger).take(event({ text: "a {b}" }));
    assert.equal(calls, [["info", ...expected]]);
  });
}

const names = [
  ["debug info warn error", ["warn", "error"]],
  ["debug info warning error fatal", ["warning", "fatal"]],
  ["debug info warn warning error critical fatal", ["warning", "critical"]],
] as const;
for (const [levels, [warning, critical]] of names) {
  taker(`take() finds its levels among ${levels}`, () => {
    const { calls, logger } = recorder({}, levels);
    const { take } = createTaker(logger);
    take(event({ level: "warning" }));
    take(event({ level: "critical" }));
    assert.equal(calls.map(([level]) => level), [warning, critical]);
    assert.equal(missingMethods(logger), []);
  });
}

taker("take() says where the logger failed, and why", () => {
  const { logger } = recorder();
  const failing = createTaker({
    ...logger,
    info() {
      throw new Error("no disk");
    },
    flush() {
      throw new Error("no flush");
    },
  });
  assert.is(failing.take(event({})), false);
  assert.is(failing.failure, "no disk");
  assert.ok(failing.take(event({ level: "error" })));
  failing.flush();
  assert.is(failing.failure, "no flush");
});

taker("missingMethods() names what a value lacks", () => {
  assert.equal(missingMethods({ info() {}, warn: 3 }), [
    "debug",
    "warning",
    "error",
    "critical",
  ]);
  assert.is(missingMethods(null).length, 5);
  assert.is(missingMethods("pino").length, 5);
  assert.equal(missingMethods(console), []);
  // Some loggers can be called themselves.
  assert.equal(missingMethods(Object.assign(() => {}, { ...console })), []);
});

taker("giveRecords() hands records over, and gives other lines back", () => {
  const { calls, logger } = recorder();
  const record = { method: "GET", target: "/\u001b[2J", status: 200 };
  const rest = giveRecords(
    `${JSON.stringify(record)}\n127.0.0.1 - - "GET /"\n`,
    createTaker(logger),
  );
  assert.is(rest, '127.0.0.1 - - "GET /"\n');
  assert.equal(calls, [["info", "GET /?[2J 200", record]]);
});

taker.run();
