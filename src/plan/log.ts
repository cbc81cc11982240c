/** What the settings say of the logs. */
import type { Config } from "../config/table/types.ts";
import type { AccessSettings } from "../log/access/access-settings.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ErrorLogSettings } from "../log/error/error-log.ts";
import { appNameOf } from "../log/syslog/syslog.ts";
import type { SyslogOptions } from "../log/syslog/syslog-log.ts";

/** How one of the logs goes to syslog; undefined where it does not. */
function syslogOptions(
  { settings, app }: Config,
  { self }: Pick<Runtime, "self">,
  log: "error" | "access",
): SyslogOptions | undefined {
  if (!settings.logSyslog) return undefined;
  const { logSyslogPrefix, logSyslogTo, logSyslogFacility, name } = settings;
  // As Gunicorn: the server's name, or that of the app.
  const named = name ??
    (app === undefined
      ? "app"
      : [app.path, app.exportName].filter((part) => part !== undefined)
        .join("."));
  return {
    target: logSyslogTo,
    facility: logSyslogFacility,
    hostname: self.hostname(),
    appName: appNameOf(logSyslogPrefix ?? named, log),
  };
}

/** All that the error log is told. */
export function errorLogSettings(
  config: Config,
  runtime: Pick<Runtime, "self">,
): ErrorLogSettings {
  const syslog = syslogOptions(config, runtime, "error");
  return { ...config.settings, syslog, logger: config.logger };
}

/** What a worker is told of its access log; undefined where there is none. */
export function accessSettings(
  config: Config,
  runtime: Pick<Runtime, "self">,
): AccessSettings | undefined {
  const { settings, logger } = config;
  const { accessLogfile: path, accessLogFormat: format } = settings;
  const syslog = settings.disableRedirectAccessToSyslog
    ? undefined
    : syslogOptions(config, runtime, "access");
  if (path === undefined && syslog === undefined) return undefined;
  // A logger takes records in the place of lines on standard output.
  const taken = logger !== undefined && path === "-";
  return {
    skip: settings.accessLogSkip,
    ...(path !== undefined && {
      file: {
        path,
        format: taken ? "json" : format,
        byArbiter: settings.captureOutput || taken,
      },
    }),
    ...(syslog && { syslog: { ...syslog, format } }),
  };
}
