/**
 * Writes what the docs take from the source: `docs/settings.md`,
 * `docs/from-gunicorn.md`, `docs/frameworks.md`, the schema of the config file, in `docs/hooks.md`
 * the tables of hooks, in `docs/logs.md` what a line can say, in
 * `docs/metrics.md` the table of metrics, in
 * `docs/signals.md` the table of signals, and in `DESIGN.md` the picture of the
 * rooms. With `--check` it writes nothing and exits 1 when a file is stale.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
  variableOf,
} from "../src/config/table/settings.ts";
import { fields } from "../src/log/access/access-record.ts";
import { atoms, families } from "../src/log/access/atoms.ts";
import { signals } from "../src/config/signals.ts";
import { formatSize } from "../src/config/values/scalars.ts";
import { defaultOf, formatValue } from "../src/config/table/values.ts";
import { frameworksPage } from "./frameworks-page.ts";
import { gunicornPage } from "./gunicorn/page.ts";
import { hooksTable } from "./hooks.ts";
import { code, fill, table } from "./markdown.ts";
import { drawRooms } from "./rooms.ts";
import { metricsTable } from "./metrics-table.ts";
import { schemaText } from "./schema.ts";

const INTRODUCTION = [
  "Flags go before `CORN_*` variables, those before `CORN_CMD_ARGS`, that before the config file, and the file before `PORT` and",
  "`WEB_CONCURRENCY`. `corn.config.ts` in the working folder is read at start and at every HUP, which is refused where the file that",
  "was there is gone:",
  "",
  "```ts",
  'import { defineConfig } from "corn";',
  "",
  'export default defineConfig({ app: "app.ts", workers: 4, keepAlive: 75 });',
  "```",
  "",
  'A `corn.config.json` may begin with `"$schema": "./node_modules/corn/corn.schema.json"`, so that an editor knows the settings.',
  "[Hooks](hooks.md) are functions, which a module alone can have.",
  "",
  "`corn --print-config` shows each value and where it came from, `--check-config` finds what a start would refuse, the app too; a",
  "corn that runs on the same addresses is not in its way.",
  "",
  "Durations are seconds, or have a unit: `1.5`, `200ms`, `2m`, `1h`. The engine is what honours a setting, `--http`: one that is",
  "given and that the chosen engine cannot honour is refused at the start, and `auto` takes one that can ([engines.md](engines.md)).",
];

/** The whole of `docs/settings.md`. */
export function settingsPage(): string {
  const sections = [
    ...new Set(settingNames.map((name) => settingOf(name).section)),
  ];
  return [
    "# Settings",
    "",
    "Written by `scripts/docs.ts` from `src/config/table/settings/`; change it there.",
    "",
    ...INTRODUCTION,
    ...sections.flatMap((
      section,
    ) => ["", `## ${section}`, "", sectionTable(section)]),
    "",
  ].join("\n");
}

/** The table of `docs/signals.md`. */
export function signalsTable(): string {
  return table(
    ["Signal", "To the arbiter", "To a worker"],
    signals.map((
      { signal, arbiter, worker },
    ) => [code(signal), arbiter, worker]),
  );
}

/** The table of atoms in `docs/logs.md`. */
export function atomsTable(): string {
  return table(["Atom", "Meaning"], [
    ...Object.entries(atoms).map(([name, { meaning }]) => [
      code(`%(${name})s`),
      meaning,
    ]),
    ...Object.entries(families).map(([kind, { meaning }]) => [
      code(`%({name}${kind})s`),
      meaning,
    ]),
  ]);
}

/** The table of the fields of records in `docs/logs.md`. */
export function fieldsTable(): string {
  return table(
    ["Field", "Meaning"],
    fields.map(({ name, meaning }) => [code(name), meaning]),
  );
}

function sectionTable(section: string): string {
  return table(
    [
      "In the file",
      "Flag",
      "Variable",
      "Type",
      "Default",
      "Engine",
      "Meaning",
    ],
    settingNames.filter((name) => settingOf(name).section === section).map((
      name,
    ) => [
      settingOf(name).inFile === false ? "" : code(name),
      flagsOf(name),
      variablesOf(name),
      typeText(name),
      defaultText(name),
      engineText(name),
      settingOf(name).meaning,
    ]),
  );
}

/** What a worker speaks TLS with; `native` need not be left for it where the app is a Node listener. */
const TLS_ENGINES = "`wire`; Node listeners: `native` on Node and Bun";

/** Which engines honour a setting. */
function engineText(name: SettingName): string {
  const { engines, partly, section } = settingOf(name);
  if (section === "TLS" && name !== "redirectHttps") return TLS_ENGINES;
  const all = engines === undefined ? "all" : engines.map(code).join(", ");
  return partly === undefined ? all : `${all}; ${partly}`;
}

function flagsOf(name: SettingName): string {
  const { short, aliases = [], type } = settingOf(name);
  const flags = short ? [`-${short}`, flagOf(name)] : [flagOf(name)];
  if (type === "boolean" && defaultOf(name) === undefined) {
    flags.push(`--no-${flagOf(name).slice(2)}`);
  }
  return [...flags, ...aliases.map((alias) => `--${alias}`)].map(code).join(
    ", ",
  );
}

function variablesOf(name: SettingName): string {
  const { variables = {}, inEnvironment } = settingOf(name);
  const own = inEnvironment === false ? [] : [variableOf(name)];
  return [...own, ...Object.keys(variables)].map(code).join(", ");
}

function typeText(name: SettingName): string {
  const { type, choices, words = [], min, positive } = settingOf(name);
  if (choices) return choices.map(code).join(", ");
  const limit = type === "size" && min !== undefined
    ? ` of at least ${formatSize(min)}, or 0`
    : min !== undefined
    ? ` of at least ${min}`
    : positive
    ? " above 0"
    : "";
  const also = type === "range" ? [...words, "MIN..MAX"] : words;
  const kind = type === "range" ? "count" : type;
  return [kind + limit, ...also.map(code)].join(" or ");
}

function defaultText(name: SettingName): string {
  const text = formatValue(name, defaultOf(name));
  return text === "" ? "" : code(text);
}

function main(): void {
  const root = new URL("../", import.meta.url);
  const pages = new Map([
    ["docs/settings.md", settingsPage()],
    ["docs/from-gunicorn.md", gunicornPage()],
    ["docs/frameworks.md", frameworksPage()],
    ["corn.schema.json", schemaText()],
  ]);
  const signals = readFileSync(new URL("docs/signals.md", root), "utf8");
  pages.set(
    "docs/signals.md",
    fill(signals, { name: "signals", text: signalsTable() }),
  );
  const hooks = readFileSync(new URL("docs/hooks.md", root), "utf8");
  const arbiter = { name: "arbiter", text: hooksTable("arbiter") };
  const worker = { name: "worker", text: hooksTable("worker") };
  pages.set("docs/hooks.md", fill(fill(hooks, arbiter), worker));
  const logs = readFileSync(new URL("docs/logs.md", root), "utf8");
  pages.set(
    "docs/logs.md",
    fill(fill(logs, { name: "atoms", text: atomsTable() }), {
      name: "fields",
      text: fieldsTable(),
    }),
  );
  const metrics = readFileSync(new URL("docs/metrics.md", root), "utf8");
  pages.set(
    "docs/metrics.md",
    fill(metrics, { name: "metrics", text: metricsTable() }),
  );
  const design = readFileSync(new URL("DESIGN.md", root), "utf8");
  pages.set(
    "DESIGN.md",
    fill(design, { name: "rooms", text: `\`\`\`\n${drawRooms()}\n\`\`\`` }),
  );
  const check = process.argv.includes("--check");
  for (const [name, page] of pages) {
    const file = new URL(name, root);
    if (existsSync(file) && readFileSync(file, "utf8") === page) continue;
    if (check) {
      console.error(`Cannot pass ${name}: it is stale, run scripts/docs.ts`);
      process.exitCode = 1;
    } else {
      mkdirSync(new URL(".", file), { recursive: true });
      writeFileSync(file, page);
      console.log(`Wrote ${name}`);
    }
  }
}

if (import.meta.main) main();
