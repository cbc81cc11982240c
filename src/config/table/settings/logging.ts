/** What corn says. */
export const logging = {
  errorLogfile: {
    section: "Logging",
    type: "path",
    default: "-",
    meaning: "File for the log, reopened on USR1 and HUP; - is standard error",
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
      "Write what the app prints to standard output and error into the log, each line with its worker's pid, whatever --log-level is",
  },
  logSyslog: {
    section: "Logging",
    type: "boolean",
    default: false,
    meaning:
      "Send the log to syslog as well, and a line for each request, be there an --access-logfile or not",
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
      "Where syslog listens: udp://, tcp:// or unix://, with #dgram or #stream after a path",
    schemes: ["udp", "tcp", "unix"],
    port: 514,
  },
  logSyslogPrefix: {
    section: "Logging",
    type: "string",
    default: undefined,
    meaning:
      "The middle of the program's name in syslog, corn.PREFIX.error; the server's name or the app unless given",
    metavar: "PREFIX",
    pattern: /^[\w.-]{1,35}$/,
    give: "letters, digits, _, . and -, 35 of them at most",
  },
  logSyslogFacility: {
    section: "Logging",
    type: "choice",
    default: "user",
    meaning: "The facility of what is sent to syslog",
    choices: [
      ...["user", "daemon", "auth", "authpriv", "security", "cron", "ftp"],
      ...["kern", "lpr", "mail", "news", "syslog", "uucp"],
      ...["local0", "local1", "local2", "local3"],
      ...["local4", "local5", "local6", "local7"],
    ],
    metavar: "NAME",
  },
} as const;
