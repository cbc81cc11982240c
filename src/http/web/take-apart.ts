/** Responses of any kind, taken apart to be written. */
import { WireHeaders } from "./headers.ts";
import { LightResponse } from "./light-response.ts";
import { MemoResponse } from "./memo-response.ts";
import type { Parts } from "./response-parts.ts";
import { lateType, TEXT_LIST } from "./native-response.ts";
import { typeOf } from "./real-response.ts";

/** Takes a response apart; its body is the caller's then. @throws TypeError where the body was read before */
export function takeApart(response: Response): Parts {
  const light = LightResponse.isLight(response);
  const taken = light ? LightResponse.take(response) : response;
  if ("list" in taken) return taken;
  const { status, statusText } = taken;
  const size = light
    ? LightResponse.size(response)
    : MemoResponse.size(response);
  const known = MemoResponse.fields(taken);
  if (known !== undefined) {
    return { status, statusText, list: known, body: bodyOf(taken), size };
  }
  // Before the body: a look at that takes its type from Bun's (1.4.5,
  // BUN-BODY-TAKES-TYPE).
  const { headers } = taken;
  const body = bodyOf(taken);
  const list = listOf(headers);
  if (lateType && typeof body === "string" && typeOf(list) === undefined) {
    list.push(...TEXT_LIST);
  }
  return { status, statusText, list, body, size };
}

/** A sixth of what an iterator takes on Deno (2.9.6, DENO-HEADERS-ITERATOR). */
const { forEach } = Headers.prototype;

/** Names and values of headers, which are valid: what a subclass of Response gives as such may be anything. @throws TypeError where it is none */
function listOf(headers: Headers): string[] {
  const list: string[] = [];
  try {
    // Only the runtime's own are let pass here.
    forEach.call(headers, (value, name) => void list.push(name, value));
  } catch {
    return WireHeaders.list(new WireHeaders(headers));
  }
  return list;
}

function bodyOf(response: Response): Parts["body"] {
  const memo = MemoResponse.memo(response);
  if (typeof memo === "string") return memo;
  if (memo === true) return response.arrayBuffer();
  const { body } = response;
  if (body !== null && (response.bodyUsed || body.locked)) {
    throw new TypeError("Cannot send a response: its body was read before");
  }
  return body;
}
