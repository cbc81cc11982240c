/** `corn completion`: what a shell completes, from the table of settings. */
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { orList } from "../config/values/scalars.ts";
import { settingOf } from "../config/table/settings.ts";
import { COMMANDS, OTHER_COMMANDS } from "../control/commands/words.ts";
import { bashCompletion } from "../make/completion/bash.ts";
import { fishCompletion } from "../make/completion/fish.ts";
import type { CompletionWords, FlagWord } from "../make/completion/words.ts";
import { zshCompletion } from "../make/completion/zsh.ts";
import { KINDS } from "../make/kinds.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { flags, isSetting } from "./flags.ts";
import { inJson } from "./in-json.ts";
import type { Answer } from "./in-json.ts";
import type { Flag } from "./flags.ts";

type Shell = (words: CompletionWords) => string;

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the completion for a shell. @throws UsageError for one that is not known */
export function runCompletion(
  given: readonly string[],
  { self }: Pick<Runtime, "self">,
): Promise<number> {
  return inJson(given, self, complete);
}

function complete(given: readonly string[], { tell }: Answer): number {
  const [shell, ...more] = given;
  const shells = Object.keys(SHELLS);
  if (given.includes("--help") || given.includes("-h")) {
    const choice = shells.join("|");
    tell(
      `corn completion ${choice} [--json]\nPrint what a shell completes\n`,
      { command: "completion", shells },
    );
    return 0;
  }
  if (shell === undefined || !Object.hasOwn(SHELLS, shell)) {
    throw new UsageError(
      shell === undefined
        ? `Cannot complete for no shell: give ${orList(shells)}`
        : `Cannot complete for "${shell}": give ${orList(shells)}${
          didYouMean(shell, shells)
        }`,
    );
  }
  if (more.length > 0) {
    throw new UsageError(
      `Cannot use argument "${more[0]}": corn completion takes a shell alone`,
    );
  }
  const text = SHELLS[shell]!(completionWords());
  tell(text, { shell, text });
  return 0;
}

/** All that there is to complete. */
export function completionWords(): CompletionWords {
  return {
    commands: [
      ...Object.entries({ ...COMMANDS, ...OTHER_COMMANDS }).map((
        [name, { summary }],
      ) => ({ name, meaning: summary })),
    ],
    arguments: {
      // The others take no word, or a worker's number.
      ...Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []])),
      restart: [{ name: "all", meaning: "each worker" }],
      scale: [{ name: "auto", meaning: "as the load asks for" }],
      make: Object.entries(KINDS).map(([name, { meaning }]) => ({
        name,
        meaning,
      })),
      completion: Object.keys(SHELLS).map((name) => ({
        name,
        meaning: `for ${name}`,
      })),
      help: [...Object.entries(COMMANDS)].map(([name, { summary }]) => ({
        name,
        meaning: summary,
      })),
    },
    flags: [...flags].map(([name, flag]) => wordOf(name, flag)),
  };
}

function wordOf(name: string, flag: Flag): FlagWord {
  const { target, short, negative } = flag;
  const setting = isSetting(target) ? settingOf(target) : undefined;
  const meaning = setting === undefined
    ? target === "help"
      ? "Print all flags and exit"
      : "Print the version and exit"
    : negative
    ? `Take ${target} back`
    : setting.meaning;
  return {
    name: `--${name}`,
    short: short,
    meaning,
    value: flag.type === "boolean" ? "none" : setting?.choices ??
      (setting?.type === "path" || setting?.type === "paths" ? "file" : "any"),
  };
}
