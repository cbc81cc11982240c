/** How an event of the log is written: one event in, one event out, whatever its text holds. */
import { replaceControls } from "../base/controls.ts";
import { jsonText } from "../base/json-text.ts";
import type { Level, LogEvent } from "./event.ts";

/** The names of the formats. */
export type FormatName = "text" | "json" | "logfmt";

export interface FormatOptions {
  readonly format: FormatName;
  /** True to colour levels of text with ANSI sequences. */
  readonly color: boolean;
}

/** Writes an event, its line end included. */
export function formatEvent(event: LogEvent, options: FormatOptions): string {
  switch (options.format) {
    case "text":
      return textLine(event, options.color);
    case "json":
      return `{${
        fieldsOf(event).map(([name, value]) =>
          `"${name}":${typeof value === "number" ? value : quoted(value)}`
        ).join()
      }}\n`;
    case "logfmt":
      return `${
        fieldsOf(event).map(([name, value]) => `${name}=${bare(value)}`)
          .join(" ")
      }\n`;
  }
}

const COLORS: Readonly<Record<Level, string>> = {
  debug: "\x1b[2m",
  info: "\x1b[32m",
  warning: "\x1b[33m",
  error: "\x1b[31m",
  critical: "\x1b[1;31m",
};

/** `[time] [pid] [LEVEL] text`, or `[STDOUT]` for what was printed. */
function textLine(
  { time, level, pid, text, stream }: LogEvent,
  color: boolean,
): string {
  const name = (stream ?? level).toUpperCase();
  const shown = color ? `${COLORS[level]}${name}\x1b[0m` : name;
  return `[${formatTime(time)}] [${pid}] [${shown}] ${oneEvent(text)}\n`;
}

/** `2026-11-21 04:00:00.123 +0000`, in UTC so that lines of every machine compare. */
export function formatTime(date: Date): string {
  return date.toISOString().replace("T", " ").replace("Z", " +0000");
}

/** The fields of the formats that programs read. */
function fieldsOf(
  { time, level, pid, text, stream }: LogEvent,
): [string, string | number][] {
  const [message = "", ...more] = stripColors(text).trimEnd().split("\n");
  const fields: [string, string | number][] = [
    ["time", time.toISOString()],
    ["level", level],
    ["pid", pid],
  ];
  if (stream !== undefined) fields.push(["stream", stream]);
  fields.push(["message", message]);
  if (more.length > 0) fields.push(["stack", more.join("\n")]);
  return fields;
}

/** Text that stands between double quotes, and in a JSON string, as it is. */
const PLAIN_QUOTED = /^[ !#-[\]-~]*$/;

/** A text up to so long is looked through faster than by an expression. */
const SHORT = 32;

/** True for printable ASCII that may stand in a JSON string as it is. */
export function isPlainQuoted(text: string): boolean {
  const { length } = text;
  if (length > SHORT) return PLAIN_QUOTED.test(text);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code > 126 || code === 34 || code === 92) return false;
  }
  return true;
}

/** A JSON string (RFC 8259) in which every control character is escaped, those too that JSON lets stand. */
export function quoted(text: string): string {
  return isPlainQuoted(text) ? `"${text}"` : jsonText(text);
}

/** A value of logfmt, in quotes unless every reader takes it without. */
export function bare(value: string | number): string {
  const text = String(value);
  return /^[\w.:/+-]+$/.test(text) ? text : quoted(text);
}

/** Indents what follows the first line, so that no text can pass for an event of its own. */
function oneEvent(text: string): string {
  return visible(text, "\n  ");
}

/** Text without colours, its control characters shown, and its line ends as `lineEnd`. */
export function visible(text: string, lineEnd: string): string {
  return replaceControls(
    stripColors(text).trimEnd(),
    (one) => one === "\n" ? lineEnd : escaped(one),
  );
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
