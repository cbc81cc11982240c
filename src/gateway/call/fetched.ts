/** Responses of `fetch()` whose bodies the runtime has decoded, while their headers tell of the coding still, as the Fetch standard has it (ALL-FETCH-DECODED). */
import type { ServingRuntime } from "../../runtime/serving.ts";

/** Such responses, and their bodies. */
const decoded = new WeakSet<object>();
/** True once there was one. */
let any = false;

function note(response: Response): Response {
  any = true;
  decoded.add(response);
  if (response.body !== null) decoded.add(response.body);
  const { clone } = response;
  Object.defineProperty(response, "clone", {
    configurable: true,
    writable: true,
    value(this: Response): Response {
      const copy = note(clone.call(this));
      // Its own body is another one now.
      if (this.body !== null) decoded.add(this.body);
      return copy;
    },
  });
  return response;
}

/** A header of a request, by what `fetch()` was called with. */
function headerOf(input: unknown, init: RequestInit | undefined, name: string) {
  const headers = init?.headers ??
    (input instanceof Request ? input.headers : undefined);
  return new Headers(headers).get(name);
}

/** Notes what `fetch()` gives; call it before the app is loaded. */
export function watchFetch(
  { globals, decodes }: Pick<ServingRuntime, "globals" | "decodes">,
): void {
  globals.fetch = new Proxy(globals.fetch, {
    async apply(target, self, args: Parameters<typeof fetch>) {
      const response = await Reflect.apply(target, self, args);
      const coding = response.headers.get("content-encoding");
      if (coding === null) return response;
      const [input, init] = args;
      const codings = coding.toLowerCase().split(",").map((one) => one.trim());
      const sent = {
        header: (name: string) => headerOf(input, init, name),
        decompress: (init as { decompress?: boolean } | undefined)?.decompress,
      };
      return decodes(codings, sent) ? note(response) : response;
    },
  });
}

/**
 * The response as it can be sent: one whose body was decoded has neither the
 * coding's field nor the length of what was coded. A response that is made of
 * such a body and its headers is one, too.
 */
export function sendable(response: Response): Response {
  if (!any) return response;
  if (!decoded.has(response)) {
    if (!response.headers.has("content-encoding")) return response;
    const { body } = response;
    if (body === null || !decoded.has(body)) return response;
  }
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(body, { status, statusText, headers });
}
