/** What apps find in place of the runtime's own Request, Response and fetch. */
import { LightHeaders } from "./headers.ts";
import { WireRequest } from "./request.ts";
import { LightResponse } from "./light-response.ts";
import { MemoResponse } from "./memo-response.ts";

/** The part of the global object that is changed. */
export interface WebGlobals {
  Headers: typeof Headers;
  Request: typeof Request;
  Response: typeof Response;
  fetch: typeof fetch;
}

/**
 * Lets a wire request pass for a real one where the runtime's own code looks
 * into it, and spares responses their streams. `light` replaces Response and
 * Headers altogether, where nothing of the runtime needs its own.
 */
export function installGlobals(
  globals: WebGlobals,
  { light }: { readonly light: boolean },
): void {
  const { Request, fetch } = globals;
  const plain = <T>(input: T): T | Request =>
    input instanceof WireRequest ? WireRequest.toNative(input) : input;
  globals.Request = new Proxy(Request, {
    construct: (target, [input, ...rest], made) =>
      Reflect.construct(target, [plain(input), ...rest], made),
  });
  globals.Response =
    (light ? LightResponse : MemoResponse) as unknown as typeof Response;
  if (light) globals.Headers = LightHeaders as unknown as typeof Headers;
  globals.fetch = (input, init) => fetch(plain(input), init);
}
