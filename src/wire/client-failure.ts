/** What a client did wrong while its request was open: it left, was too slow, or sent what no body is. It is no failure of the app. */
export class ClientFailure extends Error {
  /** The class, for messages. */
  override name = "ClientFailure";
}
