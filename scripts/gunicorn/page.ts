/** Writes `docs/from-gunicorn.md`. */
import {
  camelCase,
  gunicornSections,
  gunicornSettings,
} from "../../src/config/gunicorn/lookup.ts";
import type { Answer } from "../../src/config/gunicorn/answer.ts";
import { flagOf, settingOf } from "../../src/config/table/settings.ts";
import { code, table } from "../markdown.ts";
import { commands } from "./commands.ts";
import { differences } from "./behaviour.ts";
import { atoms, atomsIntro, figures, figuresIntro } from "./log.ts";
import { exitCodes, variables } from "./process.ts";
import { arbiterSignals, type SignalAnswer, workerSignals } from "./signals.ts";

/** Where Gunicorn calls a hook. */
export const HOOK_PLACES: Readonly<Record<string, string>> = {
  on_starting: "arbiter",
  on_reload: "arbiter",
  when_ready: "arbiter",
  pre_fork: "arbiter",
  post_fork: "worker",
  post_worker_init: "worker",
  worker_int: "worker",
  worker_abort: "worker",
  pre_exec: "arbiter",
  pre_request: "worker",
  post_request: "worker",
  child_exit: "arbiter",
  worker_exit: "worker",
  nworkers_changed: "arbiter",
  on_exit: "arbiter",
  ssl_context: "worker",
};

/** The heading whose rows are hooks. */
const HOOKS = "Server hooks";

/** What stands above the hooks. */
const hooksIntro =
  "Functions of the config file. Each may be async and has a time limit, `--hook-timeout`; [hooks.md](hooks.md) says which are waited for. An app may export `onStart` and `onStop` besides.";

/** The whole page. */
export function gunicornPage(): string {
  const { [HOOKS]: hooks = {}, ...sections } = gunicornSections;
  return [
    "# From Gunicorn",
    "",
    "Written by `scripts/docs.ts` from `src/config/gunicorn/lookup.ts` and `scripts/gunicorn/`; change it there.",
    "",
    "What a user of Gunicorn finds in corn, and what is done instead where something is not here. Gunicorn's side is that of version 26.2.",
    "",
    ...countLines(),
    "",
    "A Gunicorn flag that corn has works as it is, also cut short. One that corn does not have, or such a name in the config file, ends the start with the line that stands here. Durations are seconds, or have a unit: `1.5`, `200ms`, `2m`.",
    "",
    "```sh",
    "gunicorn -w 4 -b 0.0.0.0:8000 --graceful-timeout 20 -p app.pid app:app",
    "corn     -w 4 -b 0.0.0.0:8000 --graceful-timeout 20 -p app.pid app.ts:app",
    "```",
    "",
    "## Behaviour that differs",
    "",
    table(
      ["Subject", "Gunicorn", "corn"],
      differences.map((
        { subject, gunicorn, corn },
      ) => [subject, gunicorn, corn]),
    ),
    "",
    "## Settings",
    "",
    "In the config file corn writes names in camelCase: `gracefulTimeout`. Where that is not Gunicorn's name, it stands beside the flag.",
    ...Object.entries(sections).flatMap(([section, answers]) => [
      "",
      `### ${section}`,
      "",
      table(
        ["Gunicorn", "Flag", "corn", "What differs"],
        Object.entries(answers).map(([name, answer]) => [
          code(name),
          answer.flags.map(code).join(", "),
          standing(name, answer),
          prose(answer.text),
        ]),
      ),
    ]),
    "",
    "## Hooks",
    "",
    hooksIntro,
    "",
    table(
      ["Gunicorn", "Runs in", "corn", "What differs"],
      Object.entries(hooks).map(([name, answer]) => [
        code(name),
        HOOK_PLACES[name] ?? "",
        standing(name, answer),
        prose(answer.text),
      ]),
    ),
    "",
    "## Signals",
    "",
    "To the arbiter:",
    "",
    signalTable(arbiterSignals),
    "",
    "To a worker:",
    "",
    signalTable(workerSignals),
    "",
    "## Commands of gunicornc",
    "",
    "[operating.md](operating.md) has them all.",
    "",
    table(["gunicornc", "corn"], commands),
    "",
    "## Access log",
    "",
    atomsIntro,
    "",
    table(
      ["Atom", "Gunicorn", "corn"],
      atoms.map(([atom, ...rest]) => [code(`%(${atom})s`), ...rest]),
    ),
    "",
    "## Figures",
    "",
    figuresIntro,
    "",
    table(
      ["Gunicorn", "corn"],
      figures.map(([name, answer]) => [code(name), answer]),
    ),
    "",
    "## Environment",
    "",
    table(
      ["Gunicorn", "corn"],
      variables.map(([name, answer]) => [code(name), answer]),
    ),
    "",
    "## Exit codes",
    "",
    table(["Code", "Gunicorn", "corn"], exitCodes),
    "",
  ].join("\n");
}

/** How many settings have which kind of answer. */
function countLines(): string[] {
  const count = (kind: Answer["kind"]) =>
    gunicornSettings.filter(([, answer]) => answer.kind === kind).length;
  return [
    `Of its ${gunicornSettings.length} settings, hooks among them:`,
    "",
    `- ${count("same")} are **the same** in corn, perhaps under another name;`,
    `- ${count("instead")} have something else **instead**;`,
    `- ${count("not in this version")} are **not in this version**;`,
    `- ${
      count("not in corn")
    } are **not in corn**, because they have no sense there.`,
  ];
}

/** What stands in the column of corn: its setting, or the kind of the answer. */
function standing(name: string, { kind, setting, hook }: Answer): string {
  if (hook !== undefined) return code(hook);
  if (setting === undefined) return kind;
  const flag = code(flagOf(setting));
  if (kind !== "same") return `${kind} ${flag}`;
  const renamed = setting !== camelCase(name) &&
    settingOf(setting).inFile !== false;
  return renamed ? `${flag}, ${code(setting)}` : flag;
}

/** Flags and calls in a text as code. */
function prose(text: string): string {
  return text.replaceAll(
    /(?<![\w-])--[a-z][\w-]*|'[^']*'|\b[\w.]+\((promise)?\)|\bapp\.ts(:name)?\b|\bcorn\.config\.ts\b|\b[A-Z]+_[A-Z_]+\b|\b(READY=1|ExecStopPost|request\.(url|signal)|node:worker_threads|ss -ltn)\b/g,
    (found) => code(found.replace(/^'(.*)'$/, "$1")),
  );
}

function signalTable(answers: readonly SignalAnswer[]): string {
  return table(
    ["Signal", "corn", "Beside Gunicorn"],
    answers.map(({ signal, corn, difference }) => [
      code(signal),
      corn,
      difference,
    ]),
  );
}
