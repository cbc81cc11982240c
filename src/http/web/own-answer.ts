/** Answers that corn gives in the app's place: the app's trailers are not about them. */

const own = new WeakSet<Response>();

/** Marks such an answer. */
export function withoutTrailers(response: Response): Response {
  own.add(response);
  return response;
}

/** True for an answer that was marked so. */
export function isOwnAnswer(response: Response): boolean {
  return own.has(response);
}
