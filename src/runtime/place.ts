/** The one place of a worker that has one request in hand at a time. */

/** A request as the place knows it, by its identity. */
export interface PlacedRequest {
  readonly method: string;
  /** Its path, with the query; or as it was sent. */
  readonly url: string;
  /** True once its answer has begun. */
  readonly answering: boolean;
}

/** Who has the place: connections and requests are told apart by identity. */
export interface Place {
  /** A connection was accepted: the place is kept for its request, for a moment, where it is free. */
  expect(connection: object): void;
  /** Gives the place to a request of a connection; false where another has it, and the request must wait. */
  take(request: PlacedRequest, connection: object): boolean;
  /** Calls `run` once the request has the place; never where it leaves before. */
  wait(request: PlacedRequest, run: () => void): void;
  /** A request was answered, or what was expected or waits does so no more. */
  leave(one: object): void;
  /** Calls a function with whether the place is free, when that changes: connections are accepted only while it is. */
  watch(onChange: (free: boolean) => void): void;
}
