/** What the workers' runtime is told before it loads anything. */
export const loading = {
  import: {
    section: "Loading the app",
    type: "paths",
    default: [],
    meaning:
      "Module that each worker loads first, such as tsx or ./trace.mjs: the runtime's --import or --preload. Repeat for more",
    metavar: "MODULE",
  },
  require: {
    section: "Loading the app",
    type: "paths",
    default: [],
    meaning: "The same for a CommonJS module. Repeat for more",
    metavar: "MODULE",
  },
  conditions: {
    section: "Loading the app",
    type: "paths",
    default: [],
    meaning:
      "Condition that chooses among the exports of packages, beside the runtime's own. Repeat for more",
    metavar: "NAME",
  },
  envFile: {
    section: "Loading the app",
    type: "paths",
    default: [],
    meaning:
      "File with environment variables for the app, such as .env, behind what is set already. Repeat for more",
  },
} as const;
