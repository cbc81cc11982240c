/** Metrics as OTLP has them in JSON: an ExportMetricsServiceRequest of opentelemetry-proto 1.x, numbers of 64 bits as texts, enums as numbers. */
import type { DatedExemplar } from "./exemplars.ts";
import type { Family, HistogramSample, Labels, Sample } from "./exposition.ts";

/** AggregationTemporality: each point has all since the start. */
const CUMULATIVE = 2;

/** Of what they are, and from when to when. */
export interface OtlpFrame {
  /** Attributes of the resource; a number is an integer. */
  readonly resource: Readonly<Record<string, string | number>>;
  /** The version of corn. */
  readonly version: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly now: number;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | {
    readonly intValue: string;
  };
}

/** Names that OpenTelemetry's conventions for HTTP have. */
const NAMES: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  http_server_request_duration_seconds: ["http.server.request.duration", "s"],
  http_server_active_requests: ["http.server.active_requests", "{request}"],
};

const KEYS: Readonly<Record<string, string>> = {
  http_request_method: "http.request.method",
  http_response_status_code: "http.response.status_code",
};

/** Attributes that are integers. */
const WHOLE: readonly string[] = ["http.response.status_code"];

/** What the resource says already. */
const LEFT_OUT: readonly string[] = ["corn_build_info"];

/** The whole message; families without samples are left out. */
export function otlpMessage(
  families: readonly Family[],
  frame: OtlpFrame,
): unknown {
  const { resource, version } = frame;
  return {
    resourceMetrics: [{
      resource: { attributes: Object.entries(resource).map(attributeOf) },
      scopeMetrics: [{
        scope: { name: "corn", version },
        metrics: families
          .filter(({ name, samples }) =>
            samples.length > 0 && !LEFT_OUT.includes(name)
          )
          .map((family) => metricOf(family, frame)),
      }],
    }],
  };
}

function metricOf(family: Family, frame: OtlpFrame) {
  const [name, unit] = nameOf(family.name);
  const head = { name, unit, description: family.help };
  if (family.type === "histogram") {
    return {
      ...head,
      histogram: {
        aggregationTemporality: CUMULATIVE,
        dataPoints: family.samples.map((one) => histogramPoint(one, frame)),
      },
    };
  }
  const dataPoints = family.samples.map((one) => numberPoint(one, frame));
  // The conventions have open requests as what goes up and down.
  const isMonotonic = family.type === "counter";
  return isMonotonic || name === "http.server.active_requests"
    ? {
      ...head,
      sum: { aggregationTemporality: CUMULATIVE, isMonotonic, dataPoints },
    }
    : { ...head, gauge: { dataPoints } };
}

/** Without what Prometheus' names say of unit and type. */
function nameOf(name: string): readonly [name: string, unit: string] {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const [, stem = name, what = ""] =
    /^(.*?)(?:_(seconds|bytes|ratio))?(?:_total)?$/.exec(name) ?? [];
  const unit = { seconds: "s", bytes: "By" }[what] ?? "1";
  return [stem.replace("corn_", "corn."), unit];
}

function numberPoint({ labels, value }: Sample, frame: OtlpFrame) {
  return { ...pointOf(labels, frame), asDouble: value };
}

function histogramPoint(sample: HistogramSample, frame: OtlpFrame) {
  const { labels, bounds, counts, sum, exemplars } = sample;
  const count = counts.reduce((all, one) => all + one, 0);
  return {
    ...pointOf(labels, frame),
    count: String(count),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: bounds,
    ...exemplars !== undefined && exemplars.size > 0 &&
      { exemplars: [...exemplars.values()].map(exemplarOf) },
  };
}

function pointOf(labels: Labels, { startedAt, now }: OtlpFrame) {
  const attributes = Object.entries(labels).map(([label, value]) => {
    const key = KEYS[label] ?? label;
    return attributeOf([key, WHOLE.includes(key) ? Number(value) : value]);
  });
  return {
    attributes,
    startTimeUnixNano: nanoseconds(startedAt),
    timeUnixNano: nanoseconds(now),
  };
}

function exemplarOf({ traceId, ms, at }: DatedExemplar) {
  return { timeUnixNano: nanoseconds(at), asDouble: ms / 1000, traceId };
}

function attributeOf(
  [key, value]: readonly [string, string | number],
): Attribute {
  return typeof value === "number"
    ? { key, value: { intValue: String(value) } }
    : { key, value: { stringValue: value } };
}

/** More than a number holds exactly: milliseconds and zeros. */
function nanoseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)}000000`;
}
