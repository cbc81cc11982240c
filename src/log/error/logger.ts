/** The error log: which events are written, in which format. */
import type { Clock, OutputStream } from "../../runtime/runtime.ts";
import { formatEvent } from "../format.ts";
import { LEVELS } from "../event.ts";
import type { Level, LogEvent } from "../event.ts";
import type { FormatName } from "../format.ts";

export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  critical(text: string): void;
  /** Writes at any level; `pid` where the line speaks for another process. */
  log(level: Level, text: string, pid?: number): void;
  /** Writes at level `error` what the app threw. */
  exception(text: string, pid?: number): void;
  /** Writes what a process printed, whatever the lowest level is. */
  output(stream: OutputStream, text: string, pid: number): void;
  /** Changes the lowest level that is written. */
  setLevel(level: Level): void;
  /** Changes how events are written from now on. */
  setFormat(format: FormatName): void;
}

/** Where events go. */
export interface LogSink {
  /** Takes an event before it is made text; false where it is to be written. */
  take?(event: LogEvent): boolean;
  /** Takes a whole event; false where it could not be written. */
  write(text: string): boolean | void;
}

export interface LoggerOptions {
  readonly sink: LogSink;
  readonly clock: Pick<Clock, "date">;
  readonly pid: number;
  readonly level: Level;
  /** `text` unless given. */
  readonly format?: FormatName;
  /** True to colour levels with ANSI sequences; asked for each event where it may change. */
  readonly color: boolean | (() => boolean);
  /** Is told of every event before it is written, or where it is not grave enough to be. */
  onEvent?(event: LogEvent, written: boolean): void;
}

/** What is printed is no event of corn's own: errors go to standard error, by custom. */
const STREAM_LEVELS: Readonly<Record<OutputStream, Level>> = {
  stdout: "info",
  stderr: "error",
};

export function createLogger(options: LoggerOptions): Logger {
  const { sink, clock, color, pid: own } = options;
  let lowest = LEVELS.indexOf(options.level);
  let format = options.format ?? "text";
  let lost = 0;

  function put(event: LogEvent): boolean {
    if (sink.take?.(event)) return true;
    const line = formatEvent(event, {
      format,
      color: typeof color === "function" ? color() : color,
    });
    return sink.write(line) !== false;
  }

  /** What could not be written is gone; the log says so where it goes on. */
  function write(event: LogEvent): void {
    if (lost > 0) {
      const many = lost === 1 ? "1 event is" : `${lost} events are`;
      const text = `${many} missing here: the log could not be written`;
      if (put({ time: event.time, level: "warning", pid: own, text })) lost = 0;
    }
    if (lost > 0 || !put(event)) lost++;
  }

  function take(event: Omit<LogEvent, "time">, written: boolean): void {
    if (!written && options.onEvent === undefined) return;
    const dated = { ...event, time: clock.date() };
    options.onEvent?.(dated, written);
    if (written) write(dated);
  }

  const isWritten = (level: Level) => LEVELS.indexOf(level) >= lowest;

  function log(level: Level, text: string, pid: number = own): void {
    take({ level, text, pid }, isWritten(level));
  }

  return {
    log,
    debug: (text) => log("debug", text),
    info: (text) => log("info", text),
    warning: (text) => log("warning", text),
    error: (text) => log("error", text),
    critical: (text) => log("critical", text),
    exception: (text, pid = own) =>
      take({ level: "error", text, pid, exception: true }, isWritten("error")),
    output: (stream, text, pid) =>
      take({ level: STREAM_LEVELS[stream], text, pid, stream }, true),
    setLevel(level) {
      lowest = LEVELS.indexOf(level);
    },
    setFormat(name) {
      format = name;
    },
  };
}
