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

/** Puts text between the markers of a name. @throws when they are missing */
export function fill(
  page: string,
  part: { readonly name: string; readonly text: string },
): string {
  const [start, end] = [
    `<!-- ${part.name}:start -->`,
    `<!-- ${part.name}:end -->`,
  ];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) {
    throw new Error(
      `Cannot write ${part.name}: no "${start}" and "${end}" in the page`,
    );
  }
  return `${page.slice(0, from)}${start}\n\n${part.text}\n\n${page.slice(to)}`;
}
