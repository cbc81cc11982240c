/** Answers that corn gives in the app's place: the app's trailers are not about them. */

const bare = new WeakSet<Response>();

/** Marks such an answer. */
export function withoutTrailers(response: Response): Response {
  bare.add(response);
  return response;
}

/** True for an answer that was marked so. */
export function isBare(response: Response): boolean {
  return bare.has(response);
}
