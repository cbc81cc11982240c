/** Completion for fish, see complete(1) of it. */
import { lines } from "../file.ts";
import type { CompletionWords, FlagWord, Word } from "./words.ts";

export function fishCompletion(words: CompletionWords): string {
  return lines(
    "# corn completion fish > ~/.config/fish/completions/corn.fish",
    words.commands.map((word) =>
      `complete -c corn -n __fish_use_subcommand ${described(word)}`
    ),
    Object.entries(words.arguments).flatMap(([name, given]) => {
      const behind =
        `complete -c corn -f -n "__fish_seen_subcommand_from ${name}"`;
      return given.length === 0
        ? [behind]
        : given.map((word) => `${behind} ${described(word)}`);
    }),
    words.flags.map((flag) =>
      [
        "complete -c corn",
        `-l ${flag.name.slice(2)}`,
        ...(flag.short === undefined ? [] : [`-s ${flag.short}`]),
        ...valueOf(flag),
        `-d ${quoted(flag.meaning)}`,
      ].join(" ")
    ),
  );
}

function described({ name, meaning }: Word): string {
  return `-a ${name} -d ${quoted(meaning)}`;
}

function valueOf({ value }: FlagWord): string[] {
  if (value === "none") return [];
  if (value === "file") return ["-r -F"];
  return value === "any" ? ["-x"] : [`-x -a ${quoted(value.join(" "))}`];
}

/** In single quotes, where only `\` and `'` need one more sign. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
