/** The error log as the settings want it: on standard error or in a file, and in syslog; all of it may be another one later. */
import { messageOf } from "../../base/errors.ts";
import { demandDatagrams } from "../../outbox/receiver.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";
import { formatEvent } from "../format.ts";
import type { LogEvent } from "../event.ts";
import type { FormatName } from "../format.ts";
import { createGap } from "../gap.ts";
import { LogFile } from "../log-file.ts";
import { createLogger } from "./logger.ts";
import type { Level } from "../event.ts";
import type { Logger } from "./logger.ts";
import { createTaker, giveRecords } from "./user-logger.ts";
import type { LoggerObject } from "./user-logger.ts";
import { SyslogLog } from "../syslog/syslog-log.ts";
import type { SyslogOptions } from "../syslog/syslog-log.ts";

/** What stands for standard error. */
export const STANDARD_ERROR = "-";

export interface ErrorLogSettings {
  /** An absolute path, or `-`. */
  readonly errorLogfile: string;
  readonly logFormat: FormatName;
  readonly logLevel: Level;
  /** Where it is sent to as well. */
  readonly syslog?: SyslogOptions | undefined;
  /** What takes it in the place of standard error. */
  readonly logger?: LoggerObject | undefined;
}

export interface ErrorLog extends Logger, Closeable {
  /** True while it goes to a file. */
  readonly inFile: boolean;
  /** Writes a text that has gone to standard error already to the log's other places. */
  elsewhere(text: string): void;
  /** Writes whole lines of the access log to standard output; a logger gets them as fields where they are records in JSON. */
  access(lines: string): void;
  /** Is called for every event, be it grave enough to be written or not. */
  onEvent: (event: LogEvent) => void;
  /** Resolves when all of it has gone out, as far as that goes within a second. */
  flush(): Promise<void>;
  /** Opens the file anew, since it may have been moved away; where it cannot, the log goes on in the old one, says so, and so does what is returned. */
  reopen(): string | undefined;
  /** Does from now on what the settings say. @throws LogFileError, and nothing has changed */
  configure(settings: ErrorLogSettings): void;
}

/** The longest that the end waits for syslog. */
const FLUSH_MS = 1000;

/** Opens the log. @throws LogFileError, ConfigError */
export function openErrorLog(
  runtime: Runtime,
  settings: ErrorLogSettings,
): ErrorLog {
  const { self, clock, files } = runtime;
  const { NO_COLOR = "" } = self.env();
  const open = (path: string) =>
    path === STANDARD_ERROR ? undefined : new LogFile(path, files);
  let file = open(settings.errorLogfile);
  const replace = (path: string) => {
    const old = file;
    file = open(path);
    old?.close();
  };
  let taker = settings.logger && createTaker(settings.logger);
  let failed = false;
  /** What the logger does not take stands on standard error. */
  const take = (event: LogEvent): boolean => {
    if (taker === undefined) return false;
    const taken = taker.take(event);
    if (!taken && !failed) {
      self.stderr.write(
        formatEvent({
          ...event,
          level: "error",
          text: `Cannot log by the logger of the config: ${taker.failure}`,
        }, { format: "text", color: false }),
      );
    }
    failed = !taken;
    return taken;
  };
  let syslog: SyslogLog | undefined;
  const send = (event: LogEvent) =>
    syslog?.write(event, event.stream ?? "error");
  /** Goes to another syslog, or to none. */
  const redirect = (options: SyslogOptions | undefined) => {
    if (JSON.stringify(options) === JSON.stringify(syslog?.options)) return;
    const old = syslog;
    syslog = options &&
      new SyslogLog(runtime, options, {
        report: (text) => logger.warning(text),
      });
    void old?.flush(FLUSH_MS).then(() => old.close());
  };
  const check = ({ syslog }: ErrorLogSettings) =>
    demandDatagrams("logSyslogTo", syslog?.target, runtime);
  check(settings);
  const logger = createLogger({
    sink: {
      take,
      write: (text) => file?.write(text) ?? self.stderr.write(text),
    },
    clock,
    pid: self.pid,
    level: settings.logLevel,
    format: settings.logFormat,
    color: () => file === undefined && self.stderr.terminal && NO_COLOR === "",
    onEvent(event, written) {
      log.onEvent(event);
      if (written) send(event);
    },
  });
  redirect(settings.syslog);
  const gap = createGap((level, text) => logger.log(level, text));
  const log: ErrorLog = {
    ...logger,
    get inFile() {
      return file !== undefined;
    },
    onEvent() {},
    access(lines) {
      const rest = taker === undefined ? lines : giveRecords(lines, taker);
      if (rest === "") return;
      gap.note(self.stdout.write(rest), rest.split("\n").length - 1);
    },
    elsewhere(text) {
      if (file !== undefined || taker !== undefined) {
        return logger.critical(text);
      }
      send({ time: clock.date(), level: "critical", pid: self.pid, text });
    },
    reopen() {
      if (file === undefined) {
        logger.debug("The log is on standard error: nothing to reopen");
        return undefined;
      }
      try {
        replace(file.path);
      } catch (error) {
        const text = `${
          messageOf(error)
        }; the log goes on in the file that was there`;
        logger.error(text);
        return text;
      }
      logger.info("Log file reopened");
      return undefined;
    },
    configure(settings) {
      const { errorLogfile, logFormat, logLevel } = settings;
      check(settings);
      const before = file?.path ?? STANDARD_ERROR;
      if (errorLogfile !== before) {
        // The old place says where the log goes on.
        const next = open(errorLogfile);
        logger.info(
          `From here on the log is ${
            next === undefined ? "on standard error" : `in ${errorLogfile}`
          }`,
        );
        file?.close();
        file = next;
      } else replace(before);
      const own = settings.logger && createTaker(settings.logger);
      if (taker !== undefined && own === undefined) {
        logger.info("From here on the log is corn's own");
      }
      taker?.flush();
      taker = own;
      logger.setLevel(logLevel);
      logger.setFormat(logFormat);
      redirect(settings.syslog);
    },
    flush: () => syslog?.flush(FLUSH_MS) ?? Promise.resolve(),
    close() {
      // First, for it may say what was lost.
      syslog?.close();
      taker?.flush();
      // The file stays in its place: what comes late is lost, and not on standard error.
      file?.close();
    },
  };
  return log;
}
