/** What a worker takes on; 0 turns each off. */
export interface RequestLimits {
  /** From the call of the app to the beginning of its answer. */
  readonly requestTimeoutMs: number;
  /** Requests in hand at once. */
  readonly workerConnections: number;
  /** Requests that wait beyond that; here 0 is none. */
  readonly maxQueue: number;
  /** How long a request may have waited. */
  readonly maxQueueTimeMs: number;
  /** Bytes of a request body. */
  readonly maxBody: number;
}
