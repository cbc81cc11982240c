/** What looks like a secret, hidden wherever corn prints or logs it. */

const SECRET_NAME = /KEY|SECRET|TOKEN|PASS|CREDENTIAL/i;

/** A URL with a user or password in it. */
const SECRET_VALUE = /:\/\/[^/\s]*@/;

/** A name and its value: `TOKEN=x`, `"token": "x"`. */
const PAIR =
  /(?<![\w-])([\w-]+)("?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s,;'"{}]+)/g;

/** What comes before a variable on the command line. */
const ENV_FLAGS: ReadonlySet<string> = new Set(["--env", "-e"]);

/** Hides in any text what looks like a secret. */
export function maskSecrets(text: string): string {
  return text.replaceAll(
    PAIR,
    (pair, name: string, sign: string) =>
      SECRET_NAME.test(name) ? `${name}${sign}***` : pair,
  ).replaceAll(/:\/\/[^/\s@]*@/g, "://***@");
}

/** Writes a command line with its secrets hidden, those of `--env NAME=VALUE` whole. */
export function maskCommand(words: readonly string[]): string {
  return words.map((word, at) => {
    const [, flag = "", pair = word] = /^(--env=|-e)(.+)$/s.exec(word) ?? [];
    if (flag === "" && !ENV_FLAGS.has(words[at - 1] ?? "")) {
      return maskSecrets(word);
    }
    const sign = pair.indexOf("=");
    return sign < 0
      ? word
      : flag + maskedPair([pair.slice(0, sign), pair.slice(sign + 1)]);
  }).join(" ");
}

/** Writes a variable. */
export function maskedPair([name, value]: [string, string]): string {
  const secret = SECRET_NAME.test(name) || SECRET_VALUE.test(value);
  return `${name}=${secret ? "***" : value}`;
}
