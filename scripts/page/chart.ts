/** A chart of the last five minutes, drawn by uPlot. */
import { spanOf } from "../../src/control/dashboard/points.ts";
import type { Point } from "../../src/control/dashboard/points.ts";
import { color, make, write } from "./dom.ts";
import type { Known } from "./format.ts";

/** The part of uPlot that is used here. */
interface Plot {
  readonly data: readonly (readonly Known[])[];
  readonly cursor: { readonly idx?: number | null };
  readonly ctx: CanvasRenderingContext2D;
  readonly bbox: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  setData(data: readonly (readonly Known[])[], rescale?: boolean): void;
  setScale(name: string, range: { min: number; max: number }): void;
  setSize(size: { width: number; height: number }): void;
  valToPos(value: number, scale: string, canvas: boolean): number;
  destroy(): void;
}
declare const uPlot: new (
  options: unknown,
  data: readonly (readonly Known[])[],
  target: HTMLElement,
) => Plot;

const HEIGHT = 132;

/** One line of a chart. */
export interface Series {
  readonly label: string;
  readonly color: "one" | "two" | "three";
  readonly value: (point: Point) => Known;
}

export interface ChartSpec {
  readonly title: string;
  readonly series: readonly Series[];
  readonly format: (value: Known) => string;
  /** The least that the top of the scale is. */
  readonly least: number;
  /** What the steps of the scale may be, where round numbers will not do. */
  readonly steps?: readonly number[];
}

/** A moment that is marked in all charts. */
export interface Mark {
  readonly at: number;
  readonly kind: "generation" | "failure";
}

export class Chart {
  readonly figure: HTMLElement;
  readonly #spec: ChartSpec;
  readonly #values: HTMLElement[] = [];
  readonly #marks: readonly Mark[];
  readonly #place: HTMLElement;
  #plot: Plot | undefined;
  #points: readonly Point[] = [];

  constructor(spec: ChartSpec, marks: readonly Mark[]) {
    this.#spec = spec;
    this.#marks = marks;
    const caption = make("figcaption", {}, make("h2", {}, spec.title));
    for (const { label, color } of spec.series) {
      const value = make("b", {}, "–");
      this.#values.push(value);
      caption.append(
        make("span", {}, make("i", { class: color }), label, " ", value),
      );
    }
    this.#place = make("div");
    this.figure = make("figure", {}, caption, this.#place);
    new ResizeObserver(() => this.#resize()).observe(this.figure);
  }

  show(points: readonly Point[]): void {
    this.#points = points;
    this.#plot?.setData(this.#data(), false);
    this.#scale();
    this.#tell();
  }

  /** Draws it anew, in the colors of now. */
  repaint(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#resize();
  }

  #resize(): void {
    const width = Math.floor(this.figure.clientWidth);
    if (width === 0) return;
    if (this.#plot === undefined) {
      this.#plot = new uPlot(this.#options(width), this.#data(), this.#place);
      this.#scale();
    } else this.#plot.setSize({ width, height: HEIGHT });
  }

  #data(): (readonly Known[])[] {
    return [
      this.#points.map(({ at }) => at / 1000),
      ...this.#spec.series.map(({ value }) =>
        this.#points.map((point) => value(point) ?? null)
      ),
    ];
  }

  #scale(): void {
    if (this.#plot === undefined || this.#points.length === 0) return;
    const [, ...lines] = this.#data();
    const top = Math.max(
      this.#spec.least,
      ...lines.flat().filter((value) => typeof value === "number"),
    );
    const { from, to } = spanOf(this.#points);
    this.#plot.setScale("x", { min: from / 1000, max: to / 1000 });
    this.#plot.setScale("y", { min: 0, max: top * 1.1 });
  }

  /** Writes the values under the cursor, else the latest. */
  #tell(): void {
    const index = this.#plot?.cursor.idx ?? this.#points.length - 1;
    const point = this.#points[index];
    for (const [at, { value }] of this.#spec.series.entries()) {
      const known = point === undefined ? undefined : value(point);
      write(this.#values[at] as HTMLElement, this.#spec.format(known));
    }
  }

  #options(width: number): unknown {
    const soft = color("soft");
    const grid = { stroke: color("line"), width: 1 };
    const axis = {
      stroke: soft,
      grid,
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    const { series, format, steps } = this.#spec;
    return {
      width,
      height: HEIGHT,
      padding: [6, 12, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: "corn" },
        drag: { x: false, y: false },
        points: { size: 5 },
      },
      scales: { x: { time: true, auto: false }, y: { auto: false } },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 6,
          space: 80,
          incrs: [15, 30, 60, 120],
          values: (_: unknown, times: readonly number[]) =>
            times.map((time) => clockText(time)),
        },
        {
          ...axis,
          size: 56,
          gap: 4,
          space: 34,
          ...steps && { incrs: steps },
          values: (_: unknown, values: readonly number[]) =>
            values.map((value) => value === 0 ? "0" : format(value)),
        },
      ],
      series: [
        {},
        ...series.map(({ label, color: name }, at) => ({
          label,
          stroke: color(name),
          width: 1.5,
          points: { show: false },
          ...at === 0 && { fill: `${color(name)}22` },
        })),
      ],
      hooks: {
        setCursor: [() => this.#tell()],
        drawClear: [(plot: Plot) => this.#mark(plot)],
      },
    };
  }

  #mark({ ctx, bbox, valToPos }: Plot): void {
    const { from } = spanOf(this.#points);
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const { at, kind } of this.#marks) {
      // What is left of the scale would be drawn over its numbers.
      if (at < from) continue;
      ctx.strokeStyle = color(kind === "failure" ? "bad" : "two");
      const x = Math.round(valToPos(at / 1000, "x", true));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** `09:41`, and with seconds where a minute does not begin. */
function clockText(time: number): string {
  const text = new Date(time * 1000).toTimeString();
  return time % 60 === 0 ? text.slice(0, 5) : text.slice(0, 8);
}
