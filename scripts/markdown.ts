/** Markdown, as the pages have it that are written from the source. */

/** Text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** A table; bars in cells are escaped. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
    )
    .join("\n");
}
