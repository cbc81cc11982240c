/** The log as a pool's processes have it: each line names the pool. */
import type { ErrorLog } from "../../log/error/error-log.ts";

export function createPoolLog(log: ErrorLog, pool: string): ErrorLog {
  const named = (text: string) => `Tasks ${pool}: ${text}`;
  return {
    ...log,
    get inFile() {
      return log.inFile;
    },
    debug: (text) => log.debug(named(text)),
    info: (text) => log.info(named(text)),
    warning: (text) => log.warning(named(text)),
    error: (text) => log.error(named(text)),
    critical: (text) => log.critical(named(text)),
    log: (level, text, pid) => log.log(level, named(text), pid),
    exception: (text, pid) => log.exception(named(text), pid),
  };
}
