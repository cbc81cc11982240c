import { UsageError } from "./errors.ts";
import { maskSecrets } from "./secrets.ts";

/**
 * Splits text into words as a shell does: blanks separate, quotes hold
 * together, a backslash takes the next character as it is (within double
 * quotes only before `"`, `\`, `$` and a backquote). Nothing is expanded.
 *
 * @throws UsageError when a quote does not end
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    const next = text[at + 1];
    if (quote !== "" && char === quote) {
      quote = "";
    } else if (char === "\\" && next !== undefined && escapes(quote, next)) {
      word = (word ?? "") + next;
      at++;
    } else if (quote !== "") {
      word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") {
    throw new UsageError(
      `Cannot split ${
        JSON.stringify(maskSecrets(text))
      } into words: a ${quote} has no end`,
    );
  }
  if (word !== undefined) words.push(word);
  return words;
}

function escapes(quote: string, next: string): boolean {
  return quote === "" || (quote === '"' && '"\\$`'.includes(next));
}
