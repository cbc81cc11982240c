import { orList } from "../config/values/scalars.ts";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
} from "../config/table/settings.ts";
import { COMMANDS } from "../control/commands/words.ts";
import { defaultOf, formatValue, valueTypes } from "../config/table/values.ts";

const WIDTH = 100;
/** Where meanings begin. */
const COLUMN = 36;

/** What `--help` prints, written from the table of settings. */
export function usage(version: string): string {
  const lines = [
    `corn ${version}, a pre-fork application server for anything with fetch(request)`,
    "",
    "Usage: corn [FLAGS] APP",
    "       corn [-s PATH | -p PIDFILE | --pid N] COMMAND",
    "       corn make KIND [-o DIR] [--force] [FLAGS] [APP]",
    "       corn completion bash|zsh|fish",
    "       corn help [COMMAND]",
    "",
    "App",
    ...row("  app.ts", "The default export of a module"),
    ...row("  app.ts:name", "A named export"),
    ...row(
      "  'app.ts:create({\"debug\":true})'",
      "What a function returns, called with JSON",
    ),
  ];
  let section = "";
  for (const name of settingNames) {
    const setting = settingOf(name);
    if (setting.section !== section) lines.push("", setting.section);
    section = setting.section;
    lines.push(...row(flagColumn(name), meaningColumn(name)));
  }
  lines.push(
    "",
    "Files that fit these settings (corn make KIND)",
    ...row("  systemd [--systemd VERSION]", "A service and its sockets"),
    ...row("  nginx, caddy", "A site in front"),
    ...row("  docker, compose, k8s", "An image, and what runs it"),
    ...row("  prometheus, grafana", "What is scraped, alerts, a dashboard"),
    "",
    "Other",
    ...row("  -h, --help", "Print this and exit"),
    ...row("  -v, --version", "Print the version and exit"),
    "",
    "Commands to a running corn (a file called so is ./reload)",
    ...Object.entries(COMMANDS).flatMap(([word, { takes, summary }]) =>
      row(`  ${word} ${takes}`.trimEnd(), summary)
    ),
    ...row(
      "  --json, --no-wait, --timeout SECONDS",
      "For all of them, or those that wait",
    ),
    "",
    "Each setting may stand in corn.config.ts (gracefulTimeout) or in the environment",
    "(CORN_GRACEFUL_TIMEOUT); flags go first, then the environment, then the file.",
    "Durations are seconds, or have a unit: 1.5, 200ms, 2m, 1h.",
    "Signals to the arbiter: TERM stops, HUP reloads, USR1 reopens logs, USR2 upgrades,",
    "TTIN and TTOU change the number of workers.",
  );
  return `${lines.join("\n")}\n`;
}

function flagColumn(name: SettingName): string {
  const { short, type, off, metavar = valueTypes[type].metavar } = settingOf(
    name,
  );
  const flag = `  ${short ? `-${short},` : "   "} ${flagOf(name)}`;
  if (type !== "boolean") {
    const value = valueTypes[type].optional
      ? `${flag}[=${metavar}]`
      : `${flag} ${metavar}`;
    return off === undefined
      ? value
      : `${value}, --no-${flagOf(name).slice(2)}`;
  }
  return defaultOf(name) === undefined
    ? `${flag}, --no-${flagOf(name).slice(2)}`
    : flag;
}

function meaningColumn(name: SettingName): string {
  const { meaning, choices, type } = settingOf(name);
  const value = type === "boolean" ? "" : formatValue(name, defaultOf(name));
  return meaning + (choices ? ` (${orList(choices)})` : "") +
    (value && ` [${value}]`);
}

/** A flag and its meaning, which goes on below itself where the line is full. */
function row(left: string, right: string): string[] {
  const fits = left.length < COLUMN - 1;
  const lines = fits ? [] : [left];
  let line = (fits ? left : "").padEnd(COLUMN);
  for (const word of right.split(" ")) {
    if (line.trimEnd().length + 1 + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = " ".repeat(COLUMN);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
