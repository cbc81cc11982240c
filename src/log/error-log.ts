/** The error log as the settings want it: on standard error or in a file, which may be another one later. */
import { messageOf } from "../errors.ts";
import type { Closeable, Runtime } from "../runtime.ts";
import type { FormatName } from "./format.ts";
import { LogFile } from "./log-file.ts";
import { createLogger } from "./logger.ts";
import type { Level, Logger } from "./logger.ts";

/** What stands for standard error. */
export const STANDARD_ERROR = "-";

export interface ErrorLogSettings {
  /** An absolute path, or `-`. */
  readonly errorLogfile: string;
  readonly logFormat: FormatName;
  readonly logLevel: Level;
}

export interface ErrorLog extends Logger, Closeable {
  /** True while it goes to a file. */
  readonly inFile: boolean;
  /** Opens the file anew, since it may have been moved away; where it cannot, the log goes on in the old one and says so. */
  reopen(): void;
  /** Does from now on what the settings say. @throws LogFileError, and nothing has changed */
  configure(settings: ErrorLogSettings): void;
}

/** Opens the log. @throws LogFileError */
export function openErrorLog(
  { self, clock, files }: Runtime,
  settings: ErrorLogSettings,
): ErrorLog {
  const { NO_COLOR = "" } = self.env();
  const open = (path: string) =>
    path === STANDARD_ERROR ? undefined : new LogFile(path, files);
  let file = open(settings.errorLogfile);
  const replace = (path: string) => {
    const old = file;
    file = open(path);
    old?.close();
  };
  const logger = createLogger({
    sink: {
      write: (text) => file?.write(text) ?? self.stderr.write(text),
    },
    clock,
    pid: self.pid,
    level: settings.logLevel,
    format: settings.logFormat,
    color: () => file === undefined && self.stderr.terminal && NO_COLOR === "",
  });
  return {
    ...logger,
    get inFile() {
      return file !== undefined;
    },
    reopen() {
      if (file === undefined) {
        return logger.debug("The log is on standard error: nothing to reopen");
      }
      try {
        replace(file.path);
      } catch (error) {
        return logger.error(
          `${messageOf(error)}; the log goes on in the file that was there`,
        );
      }
      logger.info("Log file reopened");
    },
    configure({ errorLogfile, logFormat, logLevel }) {
      const before = file?.path ?? STANDARD_ERROR;
      if (errorLogfile !== before) {
        // Whoever reads the old place learns where it goes on.
        const next = open(errorLogfile);
        logger.info(
          `From here on the log is ${
            next === undefined ? "on standard error" : `in ${errorLogfile}`
          }`,
        );
        file?.close();
        file = next;
      } else replace(before);
      logger.setLevel(logLevel);
      logger.setFormat(logFormat);
    },
    // The file stays in its place: what comes late is lost, and not on standard error.
    close: () => file?.close(),
  };
}
