import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { LEVELS } from "../../../src/log/event.ts";
import { createLogger } from "../../../src/log/error/logger.ts";
import type { Level } from "../../../src/log/event.ts";
import type { Logger } from "../../../src/log/error/logger.ts";

const logger = suite("logger");

const NOW = new Date(Date.UTC(2026, 10, 21, 4, 5, 6, 7));
const HEAD = "[2026-11-21 04:05:06.007 +0000] [100]";

/** What a log writes. */
function written(
  use: (log: Logger) => void,
  { level = "debug", color = false }: { level?: Level; color?: boolean } = {},
): string {
  let text = "";
  use(createLogger({
    sink: { write: (more) => void (text += more) },
    clock: { date: () => NOW },
    pid: 100,
    level,
    color,
  }));
  return text;
}

logger("log() writes a line with time, pid and level", () => {
  assert.is(written((log) => log.info("Hi")), `${HEAD} [INFO] Hi\n`);
});

logger("log() speaks for another process by its pid", () => {
  assert.match(written((log) => log.log("error", "Oh", 7)), "[7] [ERROR] Oh\n");
});

for (const [index, level] of LEVELS.entries()) {
  logger(
    `createLogger() at ${level} writes nothing that is less urgent`,
    () => {
      const text = written((log) => {
        for (const each of LEVELS) log[each](each);
      }, { level });
      assert.equal(
        text.split("\n").slice(0, -1).map((line) => line.split(" ").at(-1)),
        LEVELS.slice(index),
      );
    },
  );
}

logger("setLevel() takes effect at once", () => {
  const text = written((log) => {
    log.info("one");
    log.setLevel("error");
    log.info("two");
    log.setLevel("info");
    log.info("three");
  });
  assert.not.match(text, "two");
  assert.match(text, "three");
});

logger("log() colours the level where it may, and nothing else", () => {
  assert.is(
    written((log) => log.error("Oh"), { color: true }),
    `${HEAD} [\x1b[31mERROR\x1b[0m] Oh\n`,
  );
});

logger("log() indents the lines of one event", () => {
  assert.is(
    written((log) => log.error("Oh\n  at app.ts:1\n\n")),
    `${HEAD} [ERROR] Oh\n    at app.ts:1\n`,
  );
});

logger("log() keeps tabs", () => {
  assert.match(written((log) => log.info("a\tb")), "a\tb\n");
});

logger("log() lets no text pass for an event of its own", () => {
  const fake = `${HEAD} [INFO] All is well`;
  for (
    const end of ["\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"]
  ) {
    const text = written((log) => log.info(`Oh${end}${fake}`));
    const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
    assert.is(
      lines.filter((line) => line.startsWith("[")).length,
      1,
      JSON.stringify(text),
    );
  }
});

const shown = [
  ["\x1b[2J", "\\x1b[2J"],
  ["\b\b", "\\x08\\x08"],
  ["\x00", "\\x00"],
  ["\x7f", "\\x7f"],
  ["\x9b31m", "\\x9b31m"],
  ["\u2028", "\\u2028"],
  ["\u202e", "\\u202e"],
] as const;
for (const [raw, text] of shown) {
  logger(`log() shows ${text} and does not send it to the terminal`, () => {
    const line = written((log) => log.info(`a${raw}b`), { color: true });
    assert.ok(line.endsWith(`a${text}b\n`), JSON.stringify(line));
  });
}

logger("log() leaves out colours that a text brings along", () => {
  const line = written((log) => log.info("\x1b[31;1merror\x1b[0m: no"));
  assert.ok(line.endsWith("] error: no\n"));
});

logger("log() leaves letters of every language", () => {
  const text = "Grüße, 世界, \u{1F33D}";
  assert.ok(written((log) => log.info(text)).endsWith(`${text}\n`));
});

logger("setFormat() takes effect at once", () => {
  const text = written((log) => {
    log.info("one");
    log.setFormat("json");
    log.info("two");
  });
  const [first = "", second = ""] = text.split("\n");
  assert.is(first, `${HEAD} [INFO] one`);
  assert.is(JSON.parse(second).message, "two");
});

logger("output() is written whatever the level is", () => {
  const text = written((log) => {
    log.output("stdout", "one", 7);
    log.output("stderr", "two", 8);
  }, { level: "critical" });
  assert.match(text, "[7] [STDOUT] one\n");
  assert.match(text, "[8] [STDERR] two\n");
});

logger("log() counts what could not be written, and says so later", () => {
  let text = "";
  let full = false;
  const log = createLogger({
    sink: {
      write(more) {
        if (!full) text += more;
        return !full;
      },
    },
    clock: { date: () => NOW },
    pid: 100,
    level: "info",
    color: false,
  });
  log.info("one");
  full = true;
  log.info("two");
  log.info("three");
  full = false;
  log.info("four");
  log.info("five");
  assert.equal(text.split("\n").slice(0, -1), [
    `${HEAD} [INFO] one`,
    `${HEAD} [WARNING] 2 events are missing here: the log could not be written`,
    `${HEAD} [INFO] four`,
    `${HEAD} [INFO] five`,
  ]);
});

logger("log() names a single event that is missing as one", () => {
  const written: string[] = [];
  let room = 1;
  const log = createLogger({
    sink: { write: (more) => room-- > 0 && written.push(more) > 0 },
    clock: { date: () => NOW },
    pid: 100,
    level: "info",
    color: () => false,
  });
  log.info("one");
  log.info("two");
  room = 2;
  log.info("three");
  assert.equal(written.slice(1), [
    `${HEAD} [WARNING] 1 event is missing here: the log could not be written\n`,
    `${HEAD} [INFO] three\n`,
  ]);
});

logger("exception() is written from the level error on", () => {
  const say = (log: Logger) => log.exception("Oh", 7);
  assert.is(
    written(say, { level: "error" }),
    `${HEAD.replace("100", "7")} [ERROR] Oh\n`,
  );
  assert.is(written(say, { level: "critical" }), "");
});

logger.run();
