/** A picture of a terminal, as SVG, from what was written to it. */

export interface TerminalOptions {
  readonly title: string;
  readonly columns: number;
}

const WIDTH = 8;
const HEIGHT = 18;
const MARGIN = 16;
const BAR = 28;

/** The colors that corn writes, by their codes (ECMA-48, SGR). */
const COLORS: Readonly<Record<string, string>> = {
  "31": "#f0776a",
  "32": "#6cc592",
  "33": "#e5a54b",
  "36": "#6ea8e8",
  "2": "#9c9a93",
  "90": "#9c9a93",
};

/** Draws the lines of one frame; codes that are no colors are left out. */
export function terminalPicture(
  frame: string,
  { title, columns }: TerminalOptions,
): string {
  // deno-lint-ignore no-control-regex
  const text = frame.replaceAll(/\x1b\[[\d;?]*[A-Zhl]/g, "");
  const lines = text.split(/\r*\n/).map((line) => line.trimEnd());
  while (lines.at(-1) === "") lines.pop();
  const width = columns * WIDTH + 2 * MARGIN;
  const height = BAR + lines.length * HEIGHT + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1d1f23"/>`,
    `<path d="M0 ${BAR}h${width}" stroke="#30333a"/>`,
    ...["#f0776a", "#e5a54b", "#6cc592"].map((color, at) =>
      `<circle cx="${18 + at * 18}" cy="${BAR / 2}" r="5" fill="${color}"/>`
    ),
    `<g font-family="ui-monospace, SFMono-Regular, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" fill="#e4e2dc" xml:space="preserve">`,
    `<text x="${width / 2}" y="${
      BAR / 2 + 5
    }" text-anchor="middle" fill="#9c9a93">${escape(title)}</text>`,
    ...lines.map((line, at) => {
      const y = BAR + MARGIN + (at + 1) * HEIGHT - 5;
      return `<text y="${y}">${spans(line)}</text>`;
    }),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** A line as pieces of one look, each at the column that it begins in and as wide as its characters are. */
function spans(line: string): string {
  let fill = "";
  let bold = false;
  let column = 0;
  const made: string[] = [];
  // deno-lint-ignore no-control-regex
  for (const piece of line.split(/(\x1b\[[\d;]*m)/)) {
    // deno-lint-ignore no-control-regex
    const codes = /^\x1b\[([\d;]*)m$/.exec(piece)?.[1];
    if (codes !== undefined) {
      for (const code of codes.split(";")) {
        if (code === "" || code === "0") [fill, bold] = ["", false];
        else if (code === "1") bold = true;
        else fill = COLORS[code] ?? fill;
      }
      continue;
    }
    // Words apart from each other keep their columns whatever font there is.
    for (const { 0: word, index } of piece.matchAll(/\S+(?: \S+)*/g)) {
      const x = MARGIN + (column + index) * WIDTH;
      made.push(
        `<tspan x="${x}" textLength="${word.length * WIDTH}"${
          fill === "" ? "" : ` fill="${fill}"`
        }${bold ? ' font-weight="bold"' : ""}>${escape(word)}</tspan>`,
      );
    }
    column += piece.length;
  }
  return made.join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
