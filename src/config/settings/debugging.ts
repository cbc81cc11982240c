/** Which config file is read, and ways to look at the result. */
export const debugging = {
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
    meaning: "Check the config and load the app, then exit",
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
