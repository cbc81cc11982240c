/** Requests that have become WebSockets, and what stands for their responses. */

const responses = new WeakMap<object, Response>();
let any = false;

/** See `NativeRequests.upgradeOf`. */
export function upgradeOf(request: object): Response | undefined {
  return any ? responses.get(request) : undefined;
}

/** Notes one. */
export function noteUpgrade(request: object, response: Response): void {
  responses.set(request, response);
  any = true;
}

/** A response of status 101, which most runtimes make none of. */
export function switchedResponse(): Response {
  const response = new Response(null);
  Object.defineProperty(response, "status", { value: 101 });
  return response;
}
