/** Texts as YAML has them. */

/** A text that YAML reads as that text: in double quotes, as JSON, unless it is a plain word. */
export function yamlText(text: string): string {
  const plain = /^[A-Za-z/][\w./-]*$/.test(text) &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** Lines, each so many spaces further in. */
export function indented(spaces: number, text: readonly string[]): string[] {
  return text.map((line) => line === "" ? "" : " ".repeat(spaces) + line);
}
