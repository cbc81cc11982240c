/** What apps find in place of the runtime's own Request, Response and fetch. */
import type { WebGlobals } from "../../runtime/web-globals.ts";
import { installLight } from "./light-globals.ts";
import { WireRequest } from "./request.ts";
import { MemoResponse } from "./memo-response.ts";

/**
 * Which Response apps find: one instead of the runtime's own, and its Headers,
 * where nothing of the runtime needs them (`light`); the runtime's own that
 * remembers its body (`memo`); or the runtime's own, as it is.
 */
export type ResponseKind = "light" | "memo" | "own";

/**
 * Lets a wire request pass for a real one where the runtime's own code looks
 * into it (ALL-PRIVATE-REQUEST), and spares responses their streams.
 */
export function installGlobals(globals: WebGlobals, kind: ResponseKind): void {
  const { Request, fetch } = globals;
  const plain = <T>(input: T): T | Request =>
    input instanceof WireRequest ? WireRequest.toNative(input) : input;
  globals.Request = new Proxy(Request, {
    construct: (target, [input, ...rest], made) =>
      Reflect.construct(target, [plain(input), ...rest], made),
  });
  if (kind === "light") {
    installLight(globals);
  } else if (kind === "memo") {
    globals.Response = MemoResponse as unknown as typeof Response;
  }
  // A Proxy has what else the runtime's own has, such as Bun's preconnect().
  globals.fetch = new Proxy(fetch, {
    apply: (target, self, [input, ...rest]) =>
      Reflect.apply(target, self, [plain(input), ...rest]),
  });
}
