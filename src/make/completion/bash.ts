/** Completion for bash, see "Programmable Completion" in its manual. */
import { lines } from "../file.ts";
import { flagsByValue, namesOf } from "./words.ts";
import type { CompletionWords, Word } from "./words.ts";

export function bashCompletion(words: CompletionWords): string {
  const { commands, flags } = words;
  return lines(
    "# corn completion bash > /etc/bash_completion.d/corn",
    "_corn() {",
    "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}",
    "  COMPREPLY=()",
    "  case $before in",
    [...flagsByValue(flags)].map(([value, group]) =>
      `    ${group.flatMap(namesOf).join("|")}) ${reply(value)}; return ;;`
    ),
    "  esac",
    "  if [[ $COMP_CWORD -eq 2 ]]; then",
    "    case ${COMP_WORDS[1]} in",
    Object.entries(words.arguments).map(([name, given]) =>
      `      ${name}) ${generated(`-W "${namesIn(given)}"`)}; return ;;`
    ),
    "    esac",
    "  fi",
    "  if [[ $current == -* ]]; then",
    `    ${generated(`-W "${flags.map(({ name }) => name).join(" ")}"`)}`,
    "  elif [[ $COMP_CWORD -eq 1 ]]; then",
    `    ${generated(`-f -W "${namesIn(commands)}"`)}`,
    "  else",
    `    ${generated("-f")}`,
    "  fi",
    "}",
    "complete -o filenames -F _corn corn",
  );
}

function namesIn(words: readonly Word[]): string {
  return words.map(({ name }) => name).join(" ");
}

function reply(value: string): string {
  if (value === "any") return ":";
  return value === "file" ? generated("-f") : generated(`-W "${value}"`);
}

/** A line for each word, since a file's name may have spaces. */
function generated(options: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${options} -- "$current")`;
}
