import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createLogger, formatTime, LEVELS } from "../../src/log/logger.ts";
import type { Level, Logger } from "../../src/log/logger.ts";

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
    sink: { terminal: color, write: (more) => text += more },
    clock: { date: () => NOW },
    pid: 100,
    level,
    color,
  }));
  return text;
}

logger("formatTime() writes UTC to the millisecond", () => {
  assert.is(formatTime(NOW), "2026-11-21 04:05:06.007 +0000");
});

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

logger.run();
