/** A name for each request, by which lines of several logs are found together. */
import type { Exchange } from "../../exchange/exchange.ts";

/** The header that proxies hand such a name on with. */
const REQUEST_ID = "x-request-id";

/** What is taken as it came. */
const VALID = /^[\w.~:+/=@-]{1,128}$/;

/** Makes what names requests: their X-Request-Id where it is usable, else an id of its own, which stays the same until another request is named. */
export function createRequestIds(
  random: () => number,
): (exchange: Exchange) => string {
  // A WeakMap of them would cost more than the rest of a line.
  let last: Exchange | undefined;
  let made = "";
  const digits = () => Math.floor(random() * 2 ** 32).toString(16);
  const prefix = digits().padStart(8, "0") + digits().padStart(8, "0");
  let count = 0;
  return (exchange) => {
    const given = exchange.requestHeader(REQUEST_ID);
    if (given !== undefined && VALID.test(given)) return given;
    if (exchange !== last) {
      last = exchange;
      made = `${prefix}-${(++count).toString(36)}`;
    }
    return made;
  };
}
