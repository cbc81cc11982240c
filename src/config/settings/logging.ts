/** What corn says. */
export const logging = {
  logLevel: {
    section: "Logging",
    type: "choice",
    default: "info",
    meaning: "How grave a message must be to be logged",
    choices: ["debug", "info", "warning", "error", "critical"],
    metavar: "LEVEL",
  },
} as const;
