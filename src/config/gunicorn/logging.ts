import { type Answers, instead, never, same } from "./answer.ts";

const LOGGER =
  "a logger object in the config file, such as pino or LogTape, takes the log over";

/** Gunicorn's section "Logging". */
export const logging: Answers = {
  accesslog: same("--access-logfile", "accessLogfile"),
  disable_redirect_access_to_syslog: same(
    "--disable-redirect-access-to-syslog",
    "disableRedirectAccessToSyslog",
  ),
  access_log_format: same(
    "--access-logformat",
    "accessLogFormat",
    "escaped so that no client breaks out of a field, and json and logfmt besides; an atom that is none is refused",
  ),
  errorlog: same("--error-logfile --log-file", "errorLogfile"),
  loglevel: same(
    "--log-level",
    "logLevel",
    "a word that is no level is refused",
  ),
  capture_output: same(
    "--capture-output",
    "captureOutput",
    "each line with its worker's pid, on standard error as well as in a file",
  ),
  logger_class: instead("--logger-class", LOGGER),
  logconfig: instead("--log-config", LOGGER),
  logconfig_dict: instead("", LOGGER),
  logconfig_json: instead("--log-config-json", LOGGER),
  syslog_addr: same(
    "--log-syslog-to",
    "logSyslogTo",
    "udp://localhost:514 on every system; messages are those of RFC 5424, with their length before them on a stream; unix datagrams on Bun and Deno only",
  ),
  syslog: same("--log-syslog", "logSyslog"),
  syslog_prefix: same(
    "--log-syslog-prefix",
    "logSyslogPrefix",
    "the program is corn.PREFIX.error or .access where Gunicorn's is gunicorn.PREFIX.error or .access",
  ),
  syslog_facility: same("--log-syslog-facility", "logSyslogFacility"),
  enable_stdio_inheritance: never(
    "-R --enable-stdio-inheritance",
    "corn never lets go of standard output and standard error",
  ),
  statsd_host: same(
    "--statsd-host",
    "statsdHost",
    "the metrics keep their names, gunicorn.requests and so on; several go in one datagram, and requests are counted together for a second",
  ),
  statsd_prefix: same("--statsd-prefix", "statsdPrefix"),
  dogstatsd_tags: same("--dogstatsd-tags", "dogstatsdTags"),
  enable_backlog_metric: same(
    "--enable-backlog-metric",
    "enableBacklogMetric",
    "of all queues of all TCP addresses together, each second",
  ),
};
