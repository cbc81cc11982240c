/** An abort signal of corn's own on a request. */

/** Anything that may have a `signal`: Request, and Node's IncomingMessage on some runtimes. */
interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a request a `signal` that the returned function aborts, and that aborts
 * with the one it had. The request stays the same object, which runtimes know
 * it by (`server.requestIP(request)`); nothing is made until the app looks.
 */
export function ownSignal(request: object): (reason: unknown) => void {
  let controller: AbortController | undefined;
  let aborted: { reason: unknown } | undefined;
  const prototype = Object.getPrototypeOf(request);
  Object.defineProperty(request, "signal", {
    configurable: true,
    enumerable: true,
    get() {
      controller ??= follow(
        Reflect.get(prototype, "signal", request) as Signalled["signal"],
        aborted,
      );
      return controller.signal;
    },
  });
  return (reason) => {
    aborted = { reason };
    controller?.abort(reason);
  };
}

/** A controller that is aborted by the signal too, where there is one. */
function follow(
  signal: AbortSignal | undefined,
  aborted: { reason: unknown } | undefined,
): AbortController {
  const controller = new AbortController();
  if (aborted !== undefined) controller.abort(aborted.reason);
  else if (signal?.aborted) controller.abort(signal.reason);
  else {
    signal?.addEventListener("abort", () => controller.abort(signal.reason), {
      once: true,
    });
  }
  return controller;
}
