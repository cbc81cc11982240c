/** What corn does to its process before it serves. */
export const mechanics = {
  chdir: {
    section: "Server mechanics",
    type: "path",
    default: undefined,
    meaning: "Folder to change to before anything is read or loaded",
  },
  env: {
    section: "Server mechanics",
    type: "pairs",
    default: {},
    meaning: "Environment variable for the app; repeat for more",
    short: "e",
  },
  pid: {
    section: "Server mechanics",
    type: "path",
    default: undefined,
    meaning: "File to write the arbiter's process id to",
    short: "p",
    aliases: ["pidfile"],
  },
  upgradeCommand: {
    section: "Server mechanics",
    type: "string",
    default: undefined,
    meaning:
      "Command line of the arbiter that takes over on USR2; unset, the one that started this arbiter",
    metavar: "COMMAND",
  },
} as const;
