/** What a worker takes on, and for how long. */
export const limits = {
  requestTimeout: {
    section: "Limits",
    type: "duration",
    default: 0,
    meaning:
      "How long the app may take to begin its answer before the client gets 504. 0 is off",
  },
  workerConnections: {
    section: "Limits",
    type: "count",
    default: 0,
    meaning:
      "Requests, or connections with the wire engine, that a worker has at once before others wait. 0 is any number",
  },
  maxQueue: {
    section: "Limits",
    type: "count",
    default: 0,
    meaning:
      "Requests that may wait beyond workerConnections before others get 503. 0 is any number, none lets none wait",
    words: ["none"],
  },
  maxQueueTime: {
    section: "Limits",
    type: "duration",
    default: 0,
    meaning:
      "How long a request may wait for its turn before it gets 503. 0 is off",
  },
  limitRequestBody: {
    section: "Limits",
    type: "size",
    default: 0,
    meaning:
      "Greatest request body, such as 10m, before a client gets 413. 0 is off",
  },
} as const;
