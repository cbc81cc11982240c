/** The error log: one line an event, with time, pid and level. */
import type { Clock, TextSink } from "../runtime.ts";

/** From the least to the most urgent. */
export const LEVELS = [
  "debug",
  "info",
  "warning",
  "error",
  "critical",
] as const;

export type Level = (typeof LEVELS)[number];

export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  critical(text: string): void;
  /** Writes at any level; `pid` where the line speaks for another process. */
  log(level: Level, text: string, pid?: number): void;
  /** Changes the lowest level that is written. */
  setLevel(level: Level): void;
}

export interface LoggerOptions {
  readonly sink: TextSink;
  readonly clock: Pick<Clock, "date">;
  readonly pid: number;
  readonly level: Level;
  /** True to colour levels with ANSI sequences. */
  readonly color: boolean;
}

const COLORS: Readonly<Record<Level, string>> = {
  debug: "\x1b[2m",
  info: "\x1b[32m",
  warning: "\x1b[33m",
  error: "\x1b[31m",
  critical: "\x1b[1;31m",
};

export function createLogger(options: LoggerOptions): Logger {
  const { sink, clock, color } = options;
  let lowest = LEVELS.indexOf(options.level);

  function log(level: Level, text: string, pid: number = options.pid): void {
    if (LEVELS.indexOf(level) < lowest) return;
    const name = level.toUpperCase();
    const shown = color ? `${COLORS[level]}${name}\x1b[0m` : name;
    sink.write(
      `[${formatTime(clock.date())}] [${pid}] [${shown}] ${oneEvent(text)}\n`,
    );
  }

  return {
    log,
    debug: (text) => log("debug", text),
    info: (text) => log("info", text),
    warning: (text) => log("warning", text),
    error: (text) => log("error", text),
    critical: (text) => log("critical", text),
    setLevel(level) {
      lowest = LEVELS.indexOf(level);
    },
  };
}

/** `2026-11-21 04:00:00.123 +0000`, in UTC so that lines of every machine compare. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 23).replace("T", " ")} +0000`;
}

/** Indents what follows the first line, so that no text can pass for an event of its own, and shows control characters. */
function oneEvent(text: string): string {
  let shown = "";
  for (const character of stripColors(text).trimEnd()) {
    if (character === "\n") shown += "\n  ";
    else shown += isControl(character) ? escaped(character) : character;
  }
  return shown;
}

/** True for what moves a terminal's cursor, ends a line somewhere, or turns text around. */
function isControl(character: string): boolean {
  return (character < " " && character !== "\t") ||
    (character >= "\x7f" && character <= "\x9f") ||
    (character >= "\u2028" && character <= "\u202e") ||
    (character >= "\u2066" && character <= "\u2069");
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
}

/** The rest of a sequence that sets colours, after its escape (ECMA-48 §8.3.117). */
const SGR = /^[0-9;]*m/;

/** Without the colour sequences that runtimes put into their messages. */
function stripColors(text: string): string {
  const [first = "", ...parts] = text.split("\x1b[");
  return first +
    parts.map((part) => SGR.test(part) ? part.replace(SGR, "") : `\x1b[${part}`)
      .join("");
}
