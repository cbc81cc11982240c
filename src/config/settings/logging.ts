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
} as const;
