/** What corn says. */
export const logging = {
  errorLogfile: {
    section: "Logging",
    type: "path",
    default: "-",
    meaning: "File for the log, reopened on USR1 and HUP. - is standard error",
    aliases: ["log-file"],
  },
  logLevel: {
    section: "Logging",
    type: "choice",
    default: "info",
    meaning: "How grave a message must be to be logged",
    choices: ["debug", "info", "warning", "error", "critical"],
    elsewhere: {
      all: "debug",
      trace: "debug",
      verbose: "debug",
      notice: "info",
      warn: "warning",
      err: "error",
      fatal: "critical",
      silent: "critical",
    },
    metavar: "LEVEL",
  },
  logFormat: {
    section: "Logging",
    type: "choice",
    default: "text",
    meaning: "How each event of the log is written",
    choices: ["text", "json", "logfmt"],
    metavar: "FORMAT",
  },
  captureOutput: {
    section: "Logging",
    type: "boolean",
    default: false,
    meaning:
      "Write what the app prints into the log, whatever --log-level is. Each line has its worker's pid",
  },
  logSyslog: {
    section: "Logging",
    type: "boolean",
    default: false,
    meaning: "Send the log and a line for each request to syslog as well",
  },
  disableRedirectAccessToSyslog: {
    section: "Logging",
    type: "boolean",
    default: false,
    meaning: "Send no line for each request to syslog",
  },
  logSyslogTo: {
    section: "Logging",
    type: "receiver",
    default: "udp://localhost:514",
    meaning:
      "Where syslog listens: udp://, tcp:// or unix://. A path may end in #dgram or #stream",
    schemes: ["udp", "tcp", "unix"],
    port: 514,
  },
  logSyslogPrefix: {
    section: "Logging",
    type: "string",
    default: undefined,
    meaning:
      "Middle of the program's name in syslog, corn.PREFIX.error. Unset, the server's name or the app",
    metavar: "PREFIX",
    pattern: /^[\w.-]{1,35}$/,
    give: "letters, digits, _, . and -, 35 of them at most",
  },
  logSyslogFacility: {
    section: "Logging",
    type: "choice",
    default: "user",
    meaning: "Facility of what is sent to syslog",
    choices: [
      ...["user", "daemon", "auth", "authpriv", "security", "cron", "ftp"],
      ...["kern", "lpr", "mail", "news", "syslog", "uucp"],
      ...["local0", "local1", "local2", "local3"],
      ...["local4", "local5", "local6", "local7"],
    ],
    metavar: "NAME",
  },
} as const;
