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
} as const;
