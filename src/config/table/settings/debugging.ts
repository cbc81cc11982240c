/** Reloading while one works on the app; which config file is read, and ways to look at the result. */
export const debugging = {
  reload: {
    section: "Development",
    type: "boolean",
    default: false,
    meaning:
      "Reload when the app's module changes, or what it imports by relative paths",
  },
  reloadExtraFile: {
    section: "Development",
    type: "paths",
    default: [],
    meaning:
      "Further file, or pattern with * and **, that reloads the app with --reload. Repeat for more",
    aliases: ["reload-extra-files"],
  },
  inspect: {
    section: "Development",
    type: "endpoint",
    default: undefined,
    meaning:
      "Let a debugger attach to worker 1, at 127.0.0.1:9229 unless told otherwise. It is not killed for its silence",
  },
  inspectBrk: {
    section: "Development",
    type: "endpoint",
    default: undefined,
    meaning:
      "As inspect, and the worker waits for the debugger before it loads anything",
  },
  config: {
    section: "Config file",
    type: "path",
    default: undefined,
    meaning:
      "Config file. Unset, the first of corn.config.ts, .js, .mjs and .json",
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
