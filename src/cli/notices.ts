/** What the log says at the start. */
import type { Generation } from "../arbiter/generation.ts";
import { maskSecrets } from "../config/print.ts";
import type { Config } from "../config/types.ts";
import type { Logger } from "../log/logger.ts";
import type { Runtime } from "../runtime.ts";
import { VERSION } from "../version.ts";

/** `corn 0.1.0 on node 24.21.0 starts 2 workers for app.ts`. */
export function startText(
  { release: { runtime, app }, workers }: Generation,
  { name, version }: Runtime,
): string {
  const own = runtime === name ? "" : ` on ${runtime}`;
  const many = workers === 1 ? "1 worker" : `${workers} workers`;
  return `corn ${VERSION} on ${name} ${version} starts ${many}${own} for ${
    maskSecrets(app.text)
  }`;
}

/** Settings that do nothing alone, as with Gunicorn; there nobody says so. */
export function warnOfIgnored(
  { settings, origins }: Config,
  log: Logger,
): void {
  const { logSyslog, enableBacklogMetric, statsdHost } = settings;
  const say = (name: string, why: string) =>
    log.warning(`${name} from ${origins[name]} ignored: ${why}`);
  if (!logSyslog && origins.logSyslogTo !== "default") {
    say("logSyslogTo", "logSyslog is off");
  }
  if (enableBacklogMetric && statsdHost === undefined) {
    say("enableBacklogMetric", "there is no statsdHost");
  }
}
