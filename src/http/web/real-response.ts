/** The runtime's own Response, made of what a light one holds. */
import type { Content, Stream } from "./content-stream.ts";
import { Native, TEXT_TYPE } from "./native-response.ts";
import type { Body } from "./native-response.ts";
import type { Parts } from "./response-parts.ts";

/** The runtime's own class, or one made of it. */
let Own: typeof Response = Native;

/** Has these made by another class from now on. */
export function makeRealBy(Made: typeof Response): void {
  Own = Made;
}

/** As `new Response(body, init)`. @throws TypeError, RangeError */
export function realResponse(body: Body, init?: ResponseInit): Response {
  return new Own(body, init);
}

/** What a list has for content-type. */
export function typeOf(list: readonly string[]): string | undefined {
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === "content-type") return list[at + 1];
  }
  return undefined;
}

/** What a light response holds. */
interface Held extends Pick<Parts, "status" | "statusText" | "list"> {
  readonly body: Content | Stream | null;
}

/** The same as a response of the runtime's own. */
export function realOf({ status, statusText, list, body }: Held): Response {
  const type = typeOf(list);
  const made = status === 200 && statusText === "" &&
      (typeof body === "string" || body instanceof Uint8Array)
    ? quickly(body, list, type)
    : new Own(body, { status, statusText, headers: pairsOf(list) });
  // The runtime's own adds the type of a text even where the app took it away.
  if (typeof body === "string" && type === undefined) {
    made.headers.delete("content-type");
  }
  return made;
}

/**
 * Deno makes what it sends at once with a Response of a text or bytes, which
 * takes microseconds, unless it has no field or only one of some types in a
 * record (2.9.5, DENO-RESPONSE-COST): the other fields are added to such a one.
 */
function quickly(
  body: Content,
  list: readonly string[],
  type: string | undefined,
): Response {
  const made = type === undefined ||
      (type === TEXT_TYPE && typeof body === "string")
    ? new Own(body)
    : new Own(body, { headers: { "content-type": type } });
  if (list.length === (type === undefined ? 0 : 2)) return made;
  const { headers } = made;
  for (const [name, value] of pairsOf(list)) {
    if (name !== "content-type") headers.append(name, value);
  }
  return made;
}

/** Names and values of a list by two. */
function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < list.length; at += 2) {
    pairs.push([list[at] as string, list[at + 1] as string]);
  }
  return pairs;
}
