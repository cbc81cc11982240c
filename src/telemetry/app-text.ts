/** Reads metrics as an app writes them: the text format 0.0.4, or OpenMetrics 1.0. */

/** What a metric is; what is none of these is a state without a type. */
export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "summary"
  | "untyped";

const TYPES: readonly string[] = ["counter", "gauge", "histogram", "summary"];

/** What the lines below a TYPE are of. */
export interface Heading {
  readonly family: string;
  readonly type: MetricType;
}

/** A value, and what it is of, as it is written. */
export interface AppLine {
  readonly heading: Heading;
  readonly name: string;
  /** What stands between the braces. */
  readonly labels: string;
  readonly value: number;
}

/** The metric that a sample is of. */
export interface SampleOf {
  /** A counter's is named with `_total`, where its samples are. */
  readonly family: string;
  readonly type: MetricType;
  /** The name that a HELP may have. */
  readonly named: string;
}

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)/;
const COMMENT = /^#\s+(HELP|TYPE)\s+(\S+)\s?(.*)$/;

/** Tells each sample of a text, in their order, and gives the helps by their names; what is none is passed over. */
export function readAppText(
  text: string,
  take: (line: AppLine, helps: ReadonlyMap<string, string>) => void,
): void {
  let heading: Heading = { family: "", type: "untyped" };
  const helps = new Map<string, string>();
  for (const whole of text.split("\n")) {
    const line = whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    if (line === "") continue;
    if (line.startsWith("#")) {
      const [, kind, name = "", rest = ""] = COMMENT.exec(line) ?? [];
      if (kind === "HELP") helps.set(name, rest);
      if (kind === "TYPE") heading = { family: name, type: typeOf(rest) };
      continue;
    }
    const [, name, labels = "", written = ""] = SAMPLE.exec(line) ?? [];
    const value = numberOf(written);
    if (name === undefined || value === undefined) continue;
    take({ heading, name, labels, value }, helps);
  }
}

function typeOf(text: string): MetricType {
  const type = text.trim();
  return TYPES.includes(type) ? type as MetricType : "untyped";
}

/** Undefined for what is no number. */
export function numberOf(text: string): number | undefined {
  const value = text === "" ? NaN : Number(text);
  if (!Number.isNaN(value)) return value;
  if (/^\+?inf$/i.test(text)) return Infinity;
  if (/^-inf$/i.test(text)) return -Infinity;
  return /^nan$/i.test(text) ? NaN : undefined;
}

/** Which metric a sample is of, by the TYPE above it. */
export function metricOf(
  name: string,
  { family, type }: Heading,
): SampleOf {
  if (!isOf(name, family, type)) {
    return { family: name, type: "untyped", named: name };
  }
  // As the text format has it, where OpenMetrics names it without `_total`.
  const own = type === "counter" ? name : family;
  return { family: own, type, named: family };
}

/** True where a sample belongs to the family that was named last. */
function isOf(name: string, family: string, type: MetricType): boolean {
  if (family === "" || !name.startsWith(family)) return false;
  switch (name.slice(family.length)) {
    case "":
      return true;
    case "_total":
      return type === "counter";
    case "_bucket":
      return type === "histogram";
    case "_sum":
    case "_count":
      return type === "histogram" || type === "summary";
  }
  return false;
}
