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
    meaning: "Environment variable for the app. Repeat for more",
    short: "e",
  },
  daemon: {
    section: "Server mechanics",
    type: "boolean",
    default: false,
    meaning:
      "Start in the background and return when all workers are ready. Needs a log file or syslog",
    short: "D",
  },
  pid: {
    section: "Server mechanics",
    type: "path",
    default: undefined,
    meaning: "File to write the arbiter's process id to",
    short: "p",
    aliases: ["pidfile"],
    pattern: /\D/,
    give: "a file, such as ./$; a port is --bind :$",
  },
  user: {
    section: "Server mechanics",
    type: "string",
    default: undefined,
    meaning:
      "User that workers are started as, by name or number. The arbiter stays root",
    short: "u",
  },
  group: {
    section: "Server mechanics",
    type: "string",
    default: undefined,
    meaning: "Group that workers run as. Unset, the user's own",
    short: "g",
  },
  initgroups: {
    section: "Server mechanics",
    type: "boolean",
    default: false,
    meaning: "Give workers the other groups of their user too",
  },
  umask: {
    section: "Server mechanics",
    type: "octal",
    default: undefined,
    meaning: "Permission bits that files of corn and the app do not get",
    short: "m",
  },
  name: {
    section: "Server mechanics",
    type: "string",
    default: undefined,
    meaning: "Title of the processes, where the runtime can set it",
    short: "n",
    aliases: ["proc-name"],
  },
  compileCache: {
    section: "Server mechanics",
    type: "path",
    default: "auto",
    meaning:
      "Where Node keeps compiled code for its next start: auto, off or a folder. Bun and Deno keep none",
    metavar: "auto|off|PATH",
    pattern: /^(?:auto|off|\/.*)$/s,
    give: 'auto, off or a path that begins with "/"',
  },
  upgradeCommand: {
    section: "Server mechanics",
    type: "string",
    default: undefined,
    meaning:
      "Command line of the arbiter that takes over on USR2. Unset, the one that started this arbiter",
    metavar: "COMMAND",
  },
} as const;
