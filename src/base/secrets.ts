/** What looks like a secret, hidden wherever corn prints or logs it. */

const SECRET = "KEY|SECRET|TOKEN|PASS|CREDENTIAL|COOKIE|AUTH(?!OR(?!IZ))";
const SECRET_NAME = new RegExp(SECRET, "i");

/** What says where a secret is, and not what: `keyfile`, `DB_PASSWORD_FILE`. */
const PLACE_NAME = /(?:file|path)$/i;

function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !PLACE_NAME.test(name);
}

/** A URL with a user or password in it, which may have an @ too. */
const SECRET_VALUE = /:\/\/[^/\s]*@/;

/**
 * A name and its value: `TOKEN=x`, `"token": "x"`, `Authorization: Bearer x`.
 * A comma belongs to the value unless another name follows.
 */
const PAIR =
  /(?<![\w-])([\w-]+)("?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|(?:(?:basic|bearer|digest|token)\s+)?[^\s;'"{}]+?(?=,"?[\w-]+"?\s*[:=]|[\s;'"{}]|$))/gi;

/** A flag whose value stands behind it: `--token x`. */
const FLAG = new RegExp(
  `(?<!\\S)(--[\\w-]{0,40}?(?:${SECRET})[\\w-]{0,40})(\\s+)([^\\s-]\\S*)`,
  "gi",
);

const LONG_FLAG = /^--[\w-]*$/;

/** What comes before a variable on the command line. */
const ENV_FLAGS: ReadonlySet<string> = new Set(["--env", "-e"]);

/** Hides in any text what looks like a secret. */
export function maskSecrets(text: string): string {
  return text.replaceAll(
    PAIR,
    (pair, name: string, sign: string) =>
      namesSecret(name) ? `${name}${sign}***` : pair,
  ).replaceAll(
    FLAG,
    (pair, name: string, gap: string) =>
      namesSecret(name) ? `${name}${gap}***` : pair,
  ).replaceAll(/:\/\/[^/\s]*@/g, "://***@");
}

/** Writes a command line with its secrets hidden, those of `--env NAME=VALUE` whole. */
export function maskCommand(words: readonly string[]): string {
  return words.map((word, at) => {
    const [, flag = "", pair = word] = /^(--env=|-e)(.+)$/s.exec(word) ?? [];
    const before = words[at - 1] ?? "";
    if (flag === "" && !ENV_FLAGS.has(before)) {
      return LONG_FLAG.test(before) && namesSecret(before) &&
          !word.startsWith("-")
        ? "***"
        : maskSecrets(word);
    }
    const sign = pair.indexOf("=");
    return sign === -1
      ? word
      : flag + maskedPair([pair.slice(0, sign), pair.slice(sign + 1)]);
  }).join(" ");
}

/** Writes a variable. */
export function maskedPair([name, value]: [string, string]): string {
  const secret = namesSecret(name) || SECRET_VALUE.test(value);
  return `${name}=${secret ? "***" : value}`;
}
