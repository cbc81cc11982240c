/** What a worker takes on, and for how long. */
export const limits = {
  requestTimeout: {
    section: "Limits",
    type: "duration",
    default: 0,
    meaning:
      "How long the app may take to begin its answer before the client gets 504 and request.signal is aborted; a streamed body that has begun is not cut; 0 = off",
  },
  workerConnections: {
    section: "Limits",
    type: "count",
    default: 0,
    meaning:
      "Requests that a worker has in hand at once; a fetch app's counts until its Response, a listener's until its end; further ones wait; by the wire engine connections, further ones are not accepted; 0 = any number",
  },
  maxQueue: {
    section: "Limits",
    type: "count",
    default: 0,
    meaning:
      "Requests that wait in a worker beyond workerConnections; further ones get 503 with Retry-After; none lets no one wait; 0 = any number",
    words: ["none"],
  },
  maxQueueTime: {
    section: "Limits",
    type: "duration",
    default: 0,
    meaning:
      "How long a request may have waited for its turn before it gets 503; where a proxy sends X-Request-Start, counted from then; 0 = off",
  },
  limitRequestBody: {
    section: "Limits",
    type: "size",
    default: 0,
    meaning:
      "Greatest request body, such as 10m; a larger one gets 413 and the end of its connection; 0 = off",
  },
} as const;
