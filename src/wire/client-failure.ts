/** What a client did wrong while its request was open: it left, was too slow, or sent what no body is. It is no failure of the app. */
export class ClientFailure extends DOMException {
  constructor(message: string) {
    // What the runtimes' own servers abort a request's signal with.
    super(message, "AbortError");
  }
}
