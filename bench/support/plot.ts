/** A plot of some lines as SVG, for the light and for the dark. */

export interface Line {
  readonly name: string;
  /** By x, ascending. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PlotOptions {
  /** What the axes are. */
  readonly x: string;
  readonly y: string;
  /** True where x goes in powers of two. */
  readonly logarithmic?: boolean;
}

const [WIDTH, HEIGHT] = [640, 320];
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 90, 16, 44];
const COLOURS = ["#2e7d32", "#c2185b", "#1565c0", "#ef6c00"];

/** The next number of 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

function text(
  content: string,
  { x, y, anchor = "middle", more = "" }: {
    readonly x: number;
    readonly y: number;
    readonly anchor?: string;
    readonly more?: string;
  },
): string {
  return `<text x="${x.toFixed(1)}" y="${
    y.toFixed(1)
  }" text-anchor="${anchor}"${more}>${content}</text>`;
}

/** @throws RangeError where there is no point */
export function plot(
  lines: readonly Line[],
  { x, y, logarithmic = false }: PlotOptions,
): string {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) throw new RangeError("Cannot plot no points");
  const scale = (value: number) => logarithmic ? Math.log2(value) : value;
  const xs = [...new Set(all.map(([value]) => value))].sort((a, b) => a - b);
  const [low, high] = [scale(xs[0] as number), scale(xs.at(-1) as number)];
  const most = niceAbove(Math.max(...all.map(([, value]) => value)));
  const atX = (value: number) =>
    LEFT + (scale(value) - low) / (high - low || 1) * (WIDTH - LEFT - RIGHT);
  const atY = (value: number) =>
    HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const at = atY(part * most);
    return [
      `<path d="M${LEFT} ${at.toFixed(1)}H${WIDTH - RIGHT}" class="grid"/>`,
      text(String(part * most), { x: LEFT - 8, y: at + 4, anchor: "end" }),
    ];
  });
  const ticks = xs.map((value) =>
    text(String(value), { x: atX(value), y: HEIGHT - BOTTOM + 18 })
  );
  const drawn = lines.flatMap(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const way = points.map(([px, py], at) =>
      `${at === 0 ? "M" : "L"}${atX(px).toFixed(1)} ${atY(py).toFixed(1)}`
    ).join("");
    const [lastX, lastY] = points.at(-1) as readonly [number, number];
    return [
      `<path d="${way}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(([px, py]) =>
        `<circle cx="${atX(px).toFixed(1)}" cy="${
          atY(py).toFixed(1)
        }" r="3" fill="${colour}"/>`
      ),
      text(name, {
        x: atX(lastX) + 10,
        y: atY(lastY) + 4,
        anchor: "start",
        more: ` style="fill:${colour}"`,
      }),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${y} by ${x}">`,
    "<style>text{font:12px sans-serif;fill:#555}.grid{stroke:#8884;fill:none}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>",
    ...grid,
    ...ticks,
    text(x, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6 }),
    text(y, {
      x: 14,
      y: (TOP + HEIGHT - BOTTOM) / 2,
      more: ` transform="rotate(-90 14 ${(TOP + HEIGHT - BOTTOM) / 2})"`,
    }),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}
