/** What clients do to a request that is open, told apart from the failures of apps. */

/** What a client did wrong while its request was open: it left, was too slow, or sent what no body is. */
export class ClientFailure extends DOMException {
  constructor(message: string) {
    // What the runtimes' own servers abort a request's signal with.
    super(message, "AbortError");
  }
}

/** Causes that are looked at; an error may be its own cause. */
const MAX_DEPTH = 8;

/** Codes of errors by which something ends that a client has left, or an abort was asked for. */
const GIVEN_UP: ReadonlySet<unknown> = new Set([
  "ABORT_ERR",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** What Deno.serve fails the reading of a body with that will not come (2.9.5, DENO-CLIENT-LEFT). */
const NO_BODY: ReadonlySet<unknown> = new Set([
  "Cannot read body as underlying resource unavailable",
  "Cannot read request body as underlying resource unavailable",
  "unexpected EOF while reading HTTP/1 body",
]);

const departures = new WeakSet<object>();

/** Remembers an error of a runtime's own that says that a client has left. */
export function noteDeparture(error: unknown): void {
  if (typeof error === "object" && error !== null) departures.add(error);
}

/** True for what is known to come from a client's failure, or has that as its cause. */
export function isDeparture(thrown: unknown): boolean {
  return anyCause(
    thrown,
    (error) =>
      error instanceof ClientFailure || departures.has(error) ||
      NO_BODY.has(error.message),
  );
}

const refusals = new WeakMap<object, number>();

/** Remembers an error of a runtime's own that refuses what a client has sent, and the status that tells it so. */
export function noteRefusal(error: unknown, status: number): void {
  if (typeof error === "object" && error !== null) refusals.set(error, status);
}

/** The status that tells a client what an error refuses of what it sent; undefined for any other error. */
export function refusalOf(thrown: unknown): number | undefined {
  let status: number | undefined;
  anyCause(thrown, (error) => {
    status = refusals.get(error);
    return status !== undefined;
  });
  return status;
}

/** True for an error by which something was aborted. */
export function isAbort(thrown: unknown): boolean {
  return anyCause(
    thrown,
    ({ name, code }) => name === "AbortError" || code === "ABORT_ERR",
  );
}

/** True for what `ws` tells of a client that broke the protocol, which throws where the app does not listen to "error". */
export function isBrokenSocket(thrown: unknown): boolean {
  return anyCause(
    thrown,
    ({ code }) => typeof code === "string" && code.startsWith("WS_ERR_"),
  );
}

/** The messages of that error: on Node and Bun, then on Deno. */
const STREAM_ENDED: ReadonlySet<unknown> = new Set([
  "Invalid state: Controller is already closed",
  "Invalid state: ReadableStream is already closed",
  "The stream controller cannot close or enqueue",
]);

/**
 * True for the error of enqueue() or close() on a stream that is closed or
 * cancelled already, as it is once its client has left: of a timer of the app's
 * that was not stopped, or of Node's own code for forms and iterables (24.21,
 * NODE-BODY-AFTER-CANCEL).
 */
export function isLateForStream(thrown: unknown): boolean {
  return anyCause(
    thrown,
    (error) => error instanceof TypeError && STREAM_ENDED.has(error.message),
  );
}

/** True for an error that is none of the app's where its client has left. */
export function isGivenUp(thrown: unknown): boolean {
  return anyCause(
    thrown,
    ({ name, code }) => name === "AbortError" || GIVEN_UP.has(code),
  );
}

interface Fields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
}

/** False too for what throws when it is looked at, such as a revoked proxy: an app may throw that. */
function anyCause(thrown: unknown, is: (error: Fields) => boolean): boolean {
  let error = thrown;
  try {
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      if (typeof error !== "object" || error === null) return false;
      if (is(error)) return true;
      error = (error as { readonly cause?: unknown }).cause;
    }
  } catch {
    return false;
  }
  return false;
}
