/** What corn measures, and where it sends that. */
export const metrics = {
  metrics: {
    section: "Metrics",
    type: "boolean",
    default: false,
    meaning: "Count requests and workers, for Prometheus to read",
  },
  metricsBuckets: {
    section: "Metrics",
    type: "durations",
    default: "5ms,10ms,25ms,50ms,75ms,100ms,250ms,500ms,750ms,1,2.5,5,7.5,10",
    meaning:
      "Upper bounds of the buckets that durations of requests are counted in",
  },
  metricsExemplars: {
    section: "Metrics",
    type: "boolean",
    default: false,
    meaning:
      "Tell with each bucket the trace of a request in it, by its traceparent, to those that read OpenMetrics",
  },
  admin: {
    section: "Metrics",
    type: "address",
    default: undefined,
    meaning:
      "Where /metrics, /health and /ready can be read: HOST:PORT or unix:PATH",
  },
  adminStatus: {
    section: "Metrics",
    type: "boolean",
    default: false,
    meaning: "Let /v1/status be read there too, which names app and workers",
  },
  otlp: {
    section: "Metrics",
    type: "string",
    default: undefined,
    meaning:
      "Where metrics are pushed to by OTLP, as JSON over HTTP: an http or https URL. Unset, nothing is pushed",
    metavar: "URL",
    pattern: /^https?:\/\/[^\s/?#]+(?:[/?#]\S*)?$/,
    give: "a URL such as http://127.0.0.1:4318/v1/metrics",
  },
  otlpInterval: {
    section: "Metrics",
    type: "duration",
    default: 60,
    positive: true,
    meaning: "Seconds between two pushes by OTLP",
  },
  readyWorkers: {
    section: "Metrics",
    type: "count",
    default: 1,
    min: 1,
    meaning: "How many workers must be ready for /ready to say so",
  },
  statsdHost: {
    section: "Metrics",
    type: "receiver",
    default: undefined,
    meaning:
      "Where statsd or DogStatsD listens: HOST:PORT or unix://. Unset, nothing is measured",
    metavar: "ADDRESS",
    schemes: ["", "udp", "unix"],
    port: 8125,
  },
  statsdPrefix: {
    section: "Metrics",
    type: "string",
    default: "",
    meaning: "What every name of a metric begins with, a dot after it",
    metavar: "PREFIX",
    pattern: /^[^\s:|@#]*$/,
    give: "a name without spaces and : | @ #",
  },
  dogstatsdTags: {
    section: "Metrics",
    type: "string",
    default: "",
    meaning:
      "Tags of DogStatsD that every metric has, such as env:prod,team:web",
    metavar: "TAGS",
    pattern: /^[^\s|#]*$/,
    give: "tags with commas between them, without spaces and | #",
  },
  enableBacklogMetric: {
    section: "Metrics",
    type: "boolean",
    default: false,
    meaning:
      "Measure each second how many connections wait in the accept queues",
  },
} as const;
