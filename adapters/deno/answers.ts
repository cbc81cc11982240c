/**
 * What Deno is given to send: its own Response of what stands for one, and
 * nothing that it cannot send. Such a one that comes later than the call is an
 * uncaught error in Deno's own code: the request is never answered, and the
 * server's end waits for it (2.9.5, DENO-LATE-RESPONSE).
 */

/** Makes Deno's own Response of what an app answers with; undefined where each is. */
type ToOwn = <T>(answer: T) => T | Response;

let toOwn: ToOwn | undefined;

/** See `NativeHttp.answerBy`. */
export function makeOwnBy(make: ToOwn): void {
  toOwn = make;
}

/** See `NativeRequests.own`. */
export function own<T>(answer: T): T | Response {
  return toOwn === undefined ? answer : toOwn(answer);
}

type Fields = Readonly<Record<symbol, unknown>>;

const symbols = Object.getOwnPropertySymbols(new Response());

/** A field of Deno's own in a Response; one that another version has not is never there. */
function fieldOf(name: string): symbol {
  return symbols.find(({ description }) => description === name) ??
    Symbol(name);
}

const inner = fieldOf("response");
const lazyBody = fieldOf("lazy static body");
const sent = fieldOf("serve fast consumed");

interface Inner {
  readonly body?: { readonly streamOrStatic?: { readonly locked?: boolean } };
}

/** See `NativeRequests.unsendable`. To ask for `body` or `bodyUsed` of a fresh Response costs more than this. */
export function unsendable(response: Response): string | undefined {
  if (Object.isFrozen(response)) return "a frozen Response";
  const fields = response as unknown as Fields;
  if ((fields[lazyBody] ?? null) !== null && fields[sent] === false) return;
  if (response.bodyUsed) return "a Response whose body was used before";
  const { body } = (fields[inner] ?? {}) as Inner;
  if (body?.streamOrStatic?.locked) return "a Response whose body is locked";
}
