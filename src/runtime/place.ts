/** The one place of a worker that has one request in hand at a time. */

/** Who has the place: connections and requests are told apart by identity. */
export interface Place {
  /** A connection was accepted: the place is kept for its request, for a moment, where it is free. */
  expect(connection: object): void;
  /** Gives the place to a request of a connection; false where another has it, and the request must wait. */
  take(request: object, connection: object): boolean;
  /** Calls `run` once the request has the place; never where it leaves before. */
  wait(request: object, run: () => void): void;
  /** A request was answered, or what was expected or waits does so no more. */
  leave(one: object): void;
  /** Calls a function with whether the place is free, when that changes: connections are accepted only while it is. */
  watch(onChange: (free: boolean) => void): void;
}
