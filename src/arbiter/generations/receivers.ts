/** Whether arbiter and workers can send to where the settings say. */
import type { Settings } from "../../config/table/types.ts";
import { demandDatagrams } from "../../outbox/receiver.ts";
import type { Runtime, RuntimeName } from "../../runtime/runtime.ts";

/** Refuses a receiver that one of the runtimes cannot send to. @throws ConfigError */
export function checkReceivers(
  { logSyslog, logSyslogTo, statsdHost }: Settings,
  own: Pick<Runtime, "name" | "sendsUnixDatagrams">,
  workers: RuntimeName,
): void {
  const theirs = workers === own.name
    ? own
    // All that is known of another runtime from here.
    : { name: workers, sendsUnixDatagrams: workers !== "node" };
  for (const runtime of [own, theirs]) {
    demandDatagrams("statsdHost", statsdHost, runtime);
    if (logSyslog) demandDatagrams("logSyslogTo", logSyslogTo, runtime);
  }
}
