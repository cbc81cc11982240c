/** The error handler that a server of a runtime's own is given. */
import { isThenable } from "../promise.ts";

/**
 * As Bun and Deno do: what it returns is the answer to a request that failed.
 * Where it returns nothing, the failure stands.
 */
export function withOnError<Args extends readonly unknown[]>(
  handler: (...args: Args) => unknown,
  onError: unknown,
): (...args: Args) => unknown {
  if (typeof onError !== "function") return handler;
  const recover = (error: unknown) => {
    const answer = onError(error);
    if (isThenable(answer)) {
      return answer.then((later: unknown) => demand(later, error));
    }
    return demand(answer, error);
  };
  return (...args) => {
    try {
      const answer = handler(...args);
      return isThenable(answer) ? answer.then(undefined, recover) : answer;
    } catch (error) {
      return recover(error);
    }
  };
}

function demand(answer: unknown, error: unknown): unknown {
  if (answer === undefined || answer === null) throw error;
  return answer;
}
