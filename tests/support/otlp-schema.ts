/**
 * What opentelemetry-proto's metrics.proto is in JSON (OTLP specification, "JSON
 * Protobuf Encoding"): names in lowerCamelCase, 64-bit numbers as texts, enums as
 * numbers, ids in hexadecimal. Stricter than a receiver, which ignores what it
 * does not know.
 */
const nano = { type: "string", pattern: "^\\d{19}$" };
const count = { type: "string", pattern: "^\\d+$" };

function object(
  required: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
) {
  return {
    type: "object",
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: false,
  };
}

const list = (items: object) => ({ type: "array", minItems: 1, items });

const attributes = {
  type: "array",
  items: object({
    key: { type: "string", minLength: 1 },
    value: {
      oneOf: [
        object({ stringValue: { type: "string" } }),
        object({ intValue: count }),
      ],
    },
  }),
};

const point = {
  attributes,
  startTimeUnixNano: nano,
  timeUnixNano: nano,
};

const numbers = list(object({ ...point, asDouble: { type: "number" } }));

const exemplar = object({
  timeUnixNano: nano,
  asDouble: { type: "number" },
  traceId: { type: "string", pattern: "^[\\da-f]{32}$" },
});

const histograms = list(object({
  ...point,
  count,
  sum: { type: "number" },
  bucketCounts: list(count),
  explicitBounds: list({ type: "number" }),
}, { exemplars: list(exemplar) }));

const cumulative = { const: 2 };

const head = {
  name: { type: "string", pattern: "^[a-z][\\w.]*$" },
  unit: { type: "string" },
  description: { type: "string" },
};

/** An ExportMetricsServiceRequest. */
export const otlpSchema = object({
  resourceMetrics: list(object({
    resource: object({ attributes }),
    scopeMetrics: list(object({
      scope: object({
        name: { const: "corn" },
        version: { type: "string" },
      }),
      metrics: list({
        oneOf: [
          object({
            ...head,
            sum: object({
              aggregationTemporality: cumulative,
              isMonotonic: { type: "boolean" },
              dataPoints: numbers,
            }),
          }),
          object({ ...head, gauge: object({ dataPoints: numbers }) }),
          object({
            ...head,
            histogram: object({
              aggregationTemporality: cumulative,
              dataPoints: histograms,
            }),
          }),
        ],
      }),
    })),
  })),
});
