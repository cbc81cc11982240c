/** What a worker is told of its access log. */
import type { SyslogOptions } from "../syslog/syslog-log.ts";

/** How lines of the access log are written. */
export interface AccessLines {
  /** A preset's name, or text with atoms. */
  readonly format: string;
}

/** A file of the access log, or standard output. */
export interface AccessFile extends AccessLines {
  /** An absolute path, or `-`. */
  readonly path: string;
  /** True where standard output is the arbiter's alone. */
  readonly byArbiter: boolean;
}

/** The access log of a worker, in one place or in both. */
export interface AccessSettings {
  /** Rules of what is left out. */
  readonly skip: readonly string[];
  readonly file?: AccessFile;
  readonly syslog?: AccessLines & SyslogOptions;
}
