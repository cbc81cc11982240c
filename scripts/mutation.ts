/** One-line faults that a program could have: what `scripts/mutants.ts` makes. */

/** A fault in a text. */
export interface Mutation {
  /** From 1. */
  readonly line: number;
  readonly was: string;
  readonly becomes: string;
}

/** What is found in a line of code, and what stands there instead. */
const OPERATORS: readonly [RegExp, string | ((found: string) => string)][] = [
  [/===/g, "!=="],
  [/!==/g, "==="],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \?\? /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ \* /g, " / "],
  [/ \+= /g, " -= "],
  [/\+\+/g, "--"],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/\b(?:if|while) \((?=.*\))/g, (found) => `${found}!`],
  [/(?<![\w.])\d[\d_]*\b(?!\.)/g, (found) => found === "0" ? "1" : "0"],
  [/\.(?:some)\(/g, ".every("],
  [/\.(?:every)\(/g, ".some("],
  // What ends a promise gives nothing.
  [
    /\breturn (?=[^;]+;$)(?!undefined;|false;|void |resolve\(|reject\()/g,
    "return void ",
  ],
  // A call whose value is not used, or an assignment.
  [/^ *(?:await )?[\w.#?]+\([^;]*\);$/g, ""],
  [/^ *(?:this\.)?[#\w.]+ = [^;]+;$/g, ""],
];

/** The lesser or the greater of two: whether they may be equal makes no difference. */
const LIMIT = /([\w.]+) [<>]=? ([\w.]+) \? (?:\1 : \2|\2 : \1)(?![\w.(])/;

/** Lines that say nothing of what happens: comments, imports, types. */
const NO_CODE =
  /^\s*(?:\/\/|\/?\*|import\b|export (?:type|interface|\*|\{)|type\b|interface\b|readonly [\w]+\??: |\| |\} from\b)/;

/** A declared type of which some is a value: `: 304 | undefined`, `): -1 {`. */
const TYPE = /: (?:-?[\w.<>]+ \| )+-?[\w.<>]+|(?<=\)): -?\d+(?= \{$)/g;

/** The line with letters of strings, comments and such types made unknowable, as long as before. */
function masked(line: string): string {
  return line
    .replace(
      /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
      (text) => `"${"_".repeat(text.length - 2)}"`,
    )
    .replace(
      /\/(?![*/ ])(?:[^/\\]|\\.)+\/(?=[dgimsuvy]*[.,;)])/g,
      (text) => "_".repeat(text.length),
    )
    .replace(/(?:^|\s)\/\/.*$/, (text) => " ".repeat(text.length))
    .replace(TYPE, (text) => " ".repeat(text.length));
}

/** What a block begins with that is no function. */
const BLOCK = /^\s*(?:\}|(?:if|for|while|do|else|switch|case|try)\b)/;

/** Declared to give nothing: there it makes no difference what `return` is given. */
const GIVES_NOTHING = /\): void (?:=> )?\{$/;
/** The same for `return await`. */
const PROMISES_NOTHING = /\): Promise<void> (?:=> )?\{$/;

/** Whether the function around a line gives nothing. */
function givesNothing(lines: readonly string[], at: number): boolean {
  const pattern = /\breturn await /.test(lines[at] as string)
    ? PROMISES_NOTHING
    : GIVES_NOTHING;
  let indent = indentOf(lines[at]);
  for (const line of lines.slice(0, at).toReversed()) {
    if (line === "" || indentOf(line) >= indent) continue;
    indent = indentOf(line);
    if (pattern.test(line)) return true;
    if (!BLOCK.test(line)) return false;
  }
  return false;
}

function indentOf(line = ""): number {
  return line.search(/\S|$/);
}

/** All faults that a text can be given, a line changed in one place each. */
export function mutationsOf(text: string): Mutation[] {
  const lines = text.split("\n");
  return lines.flatMap((was, index) => {
    if (NO_CODE.test(was)) return [];
    const code = masked(was);
    return OPERATORS.flatMap(([pattern, instead]) =>
      [...code.matchAll(pattern)].map(({ 0: found, index: at }) => ({
        line: index + 1,
        was,
        becomes: was.slice(0, at) + change(found, instead) +
          was.slice(at + found.length),
      }))
    ).map((one) => negatedWhole(one))
      .filter(({ becomes }) => !(LIMIT.test(was) && LIMIT.test(becomes)))
      .filter(({ becomes }) =>
        !(/\breturn void /.test(becomes) && givesNothing(lines, index))
      );
  });
}

function change(
  found: string,
  instead: string | ((found: string) => string),
): string {
  return typeof instead === "string" ? instead : instead(found);
}

/** `if (!a < b)` is to be `if (!(a < b))`. */
function negatedWhole(mutation: Mutation): Mutation {
  const { was, becomes } = mutation;
  const at = becomes.search(/(?<=\b(?:if|while) \()!/);
  if (at < 0 || becomes.length !== was.length + 1) return mutation;
  let depth = 1;
  let end = at + 1;
  for (; end < becomes.length; end++) {
    if (becomes[end] === "(") depth++;
    else if (becomes[end] === ")" && --depth === 0) break;
  }
  if (depth > 0) return mutation;
  const condition = becomes.slice(at + 1, end);
  return {
    ...mutation,
    becomes: `${becomes.slice(0, at)}!(${condition})${becomes.slice(end)}`,
  };
}

/** The text with a fault in it. */
export function mutate(text: string, { line, becomes }: Mutation): string {
  const lines = text.split("\n");
  lines[line - 1] = becomes;
  return lines.join("\n");
}
