/** Metrics as Prometheus reads them: the text format 0.0.4, and OpenMetrics 1.0. */

import type { DatedExemplar } from "./exemplars.ts";

/** Labels of a sample, by their names. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The values of a histogram with the same labels. */
export interface HistogramSample {
  readonly labels: Labels;
  /** Upper bounds of the buckets, rising; one more has all that is longer. */
  readonly bounds: readonly number[];
  /** How many are in each bucket, not in those before it. */
  readonly counts: readonly number[];
  readonly sum: number;
  /** By the number of the bucket. */
  readonly exemplars?: ReadonlyMap<number, DatedExemplar> | undefined;
}

/** A metric with all its samples. A counter's name ends in `_total`. */
export type Family =
  | {
    readonly type: "counter" | "gauge";
    readonly name: string;
    readonly help: string;
    readonly samples: readonly Sample[];
  }
  | {
    readonly type: "histogram";
    readonly name: string;
    readonly help: string;
    readonly samples: readonly HistogramSample[];
  };

/** How metrics may be written. */
export type Format = "text" | "openmetrics";

/** What a response says of each. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format that a client asks for by its Accept field: OpenMetrics where it names version 1.0.0, or no version. */
export function chooseFormat(accept: string | undefined): Format {
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) =>
      part.trim().toLowerCase()
    );
    if (type !== "application/openmetrics-text") continue;
    const valueOf = (name: string) =>
      parameters.find((one) => one.startsWith(`${name}=`))
        ?.slice(name.length + 1).replaceAll('"', "");
    const version = valueOf("version") ?? "1.0.0";
    if (version === "1.0.0" && Number(valueOf("q") ?? 1) > 0) {
      return "openmetrics";
    }
  }
  return "text";
}

/** Writes metrics that have samples, and lines of others behind them. */
export function writeMetrics(
  families: readonly Family[],
  format: Format,
  others: readonly string[] = [],
): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.samples.length > 0) writeFamily(lines, family, format);
  }
  for (const line of others) lines.push(line);
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function writeFamily(lines: string[], family: Family, format: Format): void {
  const { name, help, type } = family;
  const open = format === "openmetrics";
  const named = open && type === "counter" ? name.replace(/_total$/, "") : name;
  const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  lines.push(
    `# HELP ${named} ${open ? text.replaceAll('"', '\\"') : text}`,
    `# TYPE ${named} ${type}`,
  );
  const unit = /_(seconds|bytes)$/.exec(named)?.[1];
  if (open && unit !== undefined) lines.push(`# UNIT ${named} ${unit}`);
  if (family.type === "histogram") {
    for (const sample of family.samples) {
      writeHistogram(lines, { name, sample, open });
    }
    return;
  }
  for (const { labels, value } of family.samples) {
    lines.push(`${name}${labelsText(labels)} ${numberText(value)}`);
  }
}

function writeHistogram(
  lines: string[],
  { name, sample, open }: {
    readonly name: string;
    readonly sample: HistogramSample;
    readonly open: boolean;
  },
): void {
  const { labels, bounds, counts, sum, exemplars } = sample;
  let count = 0;
  for (const [index, one] of counts.entries()) {
    count += one;
    const le = boundText(
      bounds[index] ?? Infinity,
      open ? "openmetrics" : "text",
    );
    const exemplar = open ? exemplars?.get(index) : undefined;
    lines.push(
      `${name}_bucket${labelsText({ ...labels, le })} ${count}${
        exemplar === undefined ? "" : exemplarText(exemplar)
      }`,
    );
  }
  const text = labelsText(labels);
  lines.push(
    `${name}_sum${text} ${numberText(sum)}`,
    `${name}_count${text} ${count}`,
  );
}

/** OpenMetrics 1.0, "Exemplars": labels, the value, and the time. */
function exemplarText({ traceId, ms, at }: DatedExemplar): string {
  const seconds = Math.round(ms * 1000) / 1e6;
  return ` # {trace_id="${traceId}"} ${seconds} ${at}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${escapeValue(value)}"`
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}

/** The upper bound of a bucket, which OpenMetrics has as a float. */
export function boundText(bound: number, format: Format): string {
  const text = numberText(bound);
  return format === "openmetrics" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
