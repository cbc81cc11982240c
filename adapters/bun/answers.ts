/**
 * See `NativeRequests.unsendable`. Bun's server answers by itself in the place
 * of such a one: the log would not name the request, and access log, metrics
 * and a canary would count what the app meant (1.4.5, BUN-USED-RESPONSE).
 */
export function unsendable(response: Response): string | undefined {
  return response.bodyUsed
    ? "a Response whose body was used before"
    : undefined;
}
