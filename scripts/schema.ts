/** The JSON schema of the config file, `corn.schema.json`, written from the table of settings. */
import { URL_PATH } from "../src/config/values/scalars.ts";
import type { Setting } from "../src/config/values/setting.ts";
import { settingNames, settingOf } from "../src/config/table/settings.ts";
import type { TypeName } from "../src/config/values/type-map.ts";

/** A part of a JSON schema, see https://json-schema.org/draft/2020-12/schema. */
type Schema = Readonly<Record<string, unknown>>;

/** Text of these forms, in any case. */
function text(pattern: string): Schema {
  return { type: "string", pattern };
}

/** A port from 1 to 65535, in digits. */
const PORT =
  "0*([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

const PATH = text("^[^\\u0000]+$");

/** One text or a list of them. */
function oneOrMany(one: Schema): Schema {
  return { anyOf: [one, { type: "array", items: one }] };
}

const DURATION = "(\\d+(\\.\\d+)?|\\.\\d+)\\s*(ms|s|m|h)?";

/** What a config file may write for a value of each type. */
const types: { readonly [Type in TypeName]: (setting: Setting) => Schema } = {
  boolean: () => ({
    anyOf: [
      { type: "boolean" },
      text(
        "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|0|1)$",
      ),
    ],
  }),
  count: ({ min = 0, max = 2 ** 31 - 1, words = [], zeroIsMax }) => ({
    anyOf: [
      ...(zeroIsMax ? [{ const: 0 }] : []),
      { type: "integer", minimum: min, maximum: max },
      text("^\\s*\\+?\\d+\\s*$"),
      ...words.map((word) => ({ const: word })),
    ],
  }),
  durations: () => {
    const one = {
      anyOf: [
        { type: "number", minimum: 0.001, maximum: 2_147_483 },
        text(`^\\s*${DURATION}\\s*(,\\s*${DURATION}\\s*)*$`),
      ],
    };
    return { anyOf: [one, { type: "array", items: one, maxItems: 100 }] };
  },
  range: (setting) => ({
    anyOf: [
      types.count(setting),
      text(
        "^\\s*(0*[1-9]\\d*|auto)\\s*\\.\\.\\s*(0*[1-9]\\d*|auto|)\\s*$",
      ),
    ],
  }),
  duration: ({ positive = false }) => ({
    anyOf: [
      {
        type: "number",
        maximum: 2_147_483,
        ...(positive ? { minimum: 0.001 } : {
          anyOf: [{ const: 0 }, { minimum: 0.001 }],
        }),
      },
      text("^\\s*(\\d+(\\.\\d+)?|\\.\\d+)\\s*(ms|s|m|h)?\\s*$"),
    ],
  }),
  size: ({ min = 0 }) => ({
    anyOf: [
      ...(min > 0 ? [{ const: 0 }] : []),
      { type: "number", minimum: min },
      text("^\\s*\\d+(\\.\\d+)?\\s*[kKmMgG]?[iI]?[bB]?\\s*$"),
    ],
  }),
  octal: () => ({
    anyOf: [
      { type: "integer", minimum: 0, maximum: 0o777 },
      text("^(0o)?0*[0-7]{1,3}$"),
    ],
  }),
  choice: ({ choices = [], numbers = [] }) => ({
    enum: [
      ...choices.flatMap((one) =>
        isNaN(Number(one)) ? [one] : [one, Number(one)]
      ),
      ...numbers.flatMap((_, number) => [number, String(number)]),
    ],
  }),
  choices: ({ choices = [] }) => {
    const word = `\\s*(${choices.map(anyCase).join("|")})?\\s*`;
    return oneOrMany(text(`^${word}(,${word})*$`));
  },
  path: ({ pattern }) =>
    pattern === undefined ? PATH : { allOf: [PATH, text(pattern.source)] },
  urlPath: () => text(`${URL_PATH.source.slice(0, -1)}/?$`),
  string: ({ pattern }) =>
    pattern === undefined ? { type: "string" } : text(pattern.source),
  paths: () => oneOrMany(PATH),
  folders: () => oneOrMany(PATH),
  certificates: () => ({
    anyOf: [
      oneOrMany(text("^[^=\\u0000]+=[^:\\u0000]+(:[^:\\u0000]+)?$")),
      {
        type: "object",
        additionalProperties: text("^[^:\\u0000]+(:[^:\\u0000]+)?$"),
      },
    ],
  }),
  ports: () =>
    oneOrMany({
      anyOf: [
        { type: "integer", minimum: 1, maximum: 65_535 },
        text(`^\\s*${PORT}\\s*(,\\s*${PORT}\\s*)*$`),
      ],
    }),
  words: () => oneOrMany(text("^[^\\u0000]*$")),
  endpoint: () => ({
    anyOf: [
      { type: "boolean" },
      { type: "integer", minimum: 0, maximum: 65_535 },
      { type: "string" },
    ],
  }),
  accessFormat: () => text("^(combined|common|json|logfmt)$|%\\("),
  skipRules: () => oneOrMany(text("\\S")),
  receiver: ({ schemes = [] }) => {
    const named = schemes.filter((one) => one !== "").join("|");
    return text(`^(${named})://.${schemes.includes("") ? "|^[^/]+$" : ""}`);
  },
  address: () => text("\\S"),
  addresses: () => ({
    anyOf: [
      { type: "string" },
      { type: "array", items: { type: "string" }, minItems: 1 },
    ],
  }),
  networks: () => oneOrMany({ type: "string" }),
  pairs: () => ({
    anyOf: [
      oneOrMany(text("^(?!CORN_)[^=\\u0000]+=[^\\u0000]*$")),
      {
        type: "object",
        propertyNames: { pattern: "^(?!CORN_)[^=\\u0000]+$" },
        additionalProperties: { type: ["string", "number", "boolean"] },
      },
    ],
  }),
};

/** A pattern for the word in capitals too, which JSON Schema has no flag for. */
function anyCase(word: string): string {
  return word.replaceAll(
    /[a-z]/g,
    (letter) => `[${letter}${letter.toUpperCase()}]`,
  );
}

/** Pools of tasks, by their names. */
function taskPools(): Schema {
  const as = (type: TypeName, rest: Partial<Setting> = {}) =>
    types[type]({
      section: "",
      type,
      default: undefined,
      meaning: "",
      ...rest,
    });
  return {
    description: "Pools of processes for work beside requests, by their names",
    type: "object",
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]{0,31}$" },
    additionalProperties: {
      anyOf: [
        PATH,
        {
          type: "object",
          required: ["module"],
          properties: {
            module: as("path"),
            workers: as("count", { min: 1, max: 1024 }),
            timeout: as("duration"),
            maxQueue: as("count", { min: 1, max: 4096 }),
            maxTasks: as("count"),
            maxMemory: as("size"),
            nice: as("count", { max: 19 }),
            runtime: { enum: ["node", "bun", "deno"] },
            user: { type: "string" },
            group: { type: "string" },
            env: as("pairs"),
          },
          additionalProperties: false,
        },
      ],
    },
  };
}

/** The whole schema; it has every setting that a file may give. */
export function configSchema(): Schema {
  const properties: Record<string, Schema> = {
    $schema: { type: "string", description: "Where this schema is" },
    app: {
      type: "string",
      description:
        'The app: app.ts, app.ts:name or app.ts:create({"debug":true})',
    },
  };
  properties.tasks = taskPools();
  for (const name of settingNames) {
    const setting = settingOf(name);
    if (setting.inFile === false) continue;
    properties[name] = {
      description: setting.meaning,
      ...(setting.default !== undefined && { default: setting.default }),
      ...types[setting.type](setting),
    };
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "corn.config.json",
    type: "object",
    properties,
    additionalProperties: false,
  };
}

/** The schema as a file. */
export function schemaText(): string {
  return `${JSON.stringify(configSchema(), undefined, 2)}\n`;
}
