/** The error handler that a server of a runtime's own is given. */

type Handler = (request: Request, more: unknown) => unknown;

/** As Bun and Deno do: what it returns is the answer to a request that failed. */
export function withOnError(
  handler: Handler,
  onError: unknown,
): Handler {
  if (typeof onError !== "function") return handler;
  return async (request, more) => {
    try {
      return await handler(request, more);
    } catch (error) {
      return await onError(error);
    }
  };
}
