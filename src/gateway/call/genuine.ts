/** What an app answers that is not of the runtime's own class, such as the Response of another module (ALL-NOT-A-RESPONSE). */
import { Native } from "../../http/web/native-response.ts";

/** True for a Response of the runtime's own class, or one that stands for it. */
export function isGenuine(answer: unknown): answer is Response {
  return answer instanceof Native;
}

/** True for what looks like a Response. */
export function isResponseLike(answer: unknown): answer is Response {
  return typeof (answer as Response | undefined)?.status === "number";
}

/**
 * A Response of what only looks like one: its names and values are what that
 * class allows, and its body is framed by the engine. @throws TypeError, RangeError where no Response can be that
 */
export function genuine(answer: Response): Response {
  const { status, statusText, headers, body, bodyUsed } = answer;
  if (bodyUsed === true) {
    throw new TypeError("Cannot send a response: its body was read before");
  }
  const made = new Response(body ?? null, {
    status,
    statusText: statusText ?? "",
    headers: headers ?? {},
  });
  // Framing is the engine's: two lengths are none.
  made.headers.delete("transfer-encoding");
  const length = made.headers.get("content-length") ?? "";
  if (!/^\d+$/.test(length)) made.headers.delete("content-length");
  return made;
}
