/** The access log's way to syslog. */
import type { AccessSink } from "../../log/access/access-log.ts";
import { SyslogLog } from "../../log/syslog/syslog-log.ts";
import type { SyslogOptions } from "../../log/syslog/syslog-log.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface SyslogLines extends AccessSink {
  /** Resolves when all is out, or after `ms`; says what is lost, if anything is. */
  end(ms: number): Promise<void>;
}

/** Opens syslog for lines, a message each. */
export type OpenSyslog = (
  options: SyslogOptions,
  host: WorkerHost,
) => SyslogLines;

export const openSyslog: OpenSyslog = (options, { runtime, say }) => {
  const { clock, self } = runtime;
  const log = new SyslogLog(runtime, options, {
    what: "the access log",
    report: (text) => say("warning", text),
  });
  return {
    line(text: string) {
      log.write(
        { time: clock.date(), level: "info", pid: self.pid, text },
        "access",
      );
    },
    async end(ms: number) {
      await log.flush(ms);
      log.close();
    },
  };
};
