/** Completion for zsh, see zshcompsys(1). */
import { lines } from "../file.ts";
import { namesOf } from "./words.ts";
import type { CompletionWords, FlagWord, Word } from "./words.ts";

export function zshCompletion(words: CompletionWords): string {
  return lines(
    "#compdef corn",
    '# corn completion zsh > "${fpath[1]}/_corn"',
    "_corn_first() {",
    "  local -a commands=(",
    words.commands.map((word) => `    ${described(word)}`),
    "  )",
    "  _describe command commands",
    "  _files",
    "}",
    "_corn_next() {",
    "  local -a given",
    "  case $words[2] in",
    Object.entries(words.arguments).map(([name, given]) =>
      `    ${name}) given=(${
        given.map(described).join(" ")
      }); _describe ${name} given ;;`
    ),
    "    *) _files ;;",
    "  esac",
    "}",
    "_corn() {",
    "  _arguments -S \\",
    words.flags.map((flag) => `    ${specOf(flag)} \\`),
    "    '1: :_corn_first' '2: :_corn_next' '*:file:_files'",
    "}",
    '_corn "$@"',
  );
}

function described({ name, meaning }: Word): string {
  return quoted(`${name}:${meaning}`);
}

function specOf(flag: FlagWord): string {
  const names = namesOf(flag);
  const meaning = flag.meaning.replaceAll(/[[\]\\]/g, "\\$&")
    .replaceAll(":", "\\:");
  const spec = quoted(`[${meaning}]${actionOf(flag)}`);
  return names.length === 1
    ? `'*'${names[0]}${spec}`
    : `'*'{${names.join(",")}}${spec}`;
}

function actionOf({ value }: FlagWord): string {
  if (value === "none") return "";
  if (value === "file") return ":file:_files";
  return value === "any" ? ":value: " : `:value:(${value.join(" ")})`;
}

/** In single quotes, where a quote ends and begins anew. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
