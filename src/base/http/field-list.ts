/** Header fields whose value is a list. */

/** The elements of a comma-separated list, in lower case; empty ones are left out, RFC 9110 section 5.6.1.2. */
export function listOf(value: string): string[] {
  return value.toLowerCase().split(",").map(trimmed).filter((one) =>
    one !== ""
  );
}

/** Without the spaces and tabs around it, in linear time: a regular expression tries each of many spaces for the end. */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/**
 * True for the value of an Upgrade field that asks for a WebSocket, among others
 * perhaps: the client takes any of them (RFC 9110 section 7.8).
 */
export function asksForSocket(upgrade: string | null | undefined): boolean {
  return upgrade != null && listOf(upgrade).includes("websocket");
}
