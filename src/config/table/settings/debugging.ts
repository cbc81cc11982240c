/** Reloading while one works on the app; which config file is read, and ways to look at the result. */
export const debugging = {
  reload: {
    section: "Development",
    type: "boolean",
    default: false,
    meaning:
      "Reload when a file of the app changes: its module and what that imports by relative paths",
  },
  reloadExtraFile: {
    section: "Development",
    type: "paths",
    default: [],
    meaning:
      "Further file that reloads the app when it changes, with --reload; may be a pattern with * and **; repeat for more",
    aliases: ["reload-extra-files"],
  },
  inspect: {
    section: "Development",
    type: "endpoint",
    default: undefined,
    meaning:
      "Let a debugger attach to the worker of slot 1, at 127.0.0.1:9229 unless told otherwise; it is not killed for its silence",
  },
  inspectBrk: {
    section: "Development",
    type: "endpoint",
    default: undefined,
    meaning:
      "As inspect, and the worker waits for the debugger before anything is loaded",
  },
  config: {
    section: "Config file",
    type: "path",
    default: undefined,
    meaning:
      "Config file; unset, the first of corn.config.ts, .js, .mjs and .json",
    short: "c",
    inFile: false,
  },
  checkConfig: {
    section: "Config file",
    type: "boolean",
    default: false,
    meaning:
      "Check the config, try what a start opens and load the app, then exit",
    inFile: false,
    inEnvironment: false,
  },
  printConfig: {
    section: "Config file",
    type: "boolean",
    default: false,
    meaning: "Print each setting, its value and where it came from, then exit",
    inFile: false,
    inEnvironment: false,
  },
} as const;
