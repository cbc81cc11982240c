/** What apps find in place of the runtime's own Response and Headers, where nothing of the runtime needs them. */
import type { WebGlobals } from "../../runtime/web-globals.ts";
import { WireHeaders } from "./headers.ts";
import { Native } from "./native-response.ts";
import { makeRealBy } from "./real-response.ts";
import { LightResponse } from "./light-response.ts";

/** Lets apps make light responses, which become the runtime's own, or `Own` that is made of it. */
export function installLight(
  globals: Pick<WebGlobals, "Headers" | "Response">,
  Own: typeof Response = Native,
): void {
  makeRealBy(Own);
  globals.Response = LightResponse as unknown as typeof Response;
  globals.Headers = WireHeaders as unknown as typeof Headers;
}

/** The runtime's own Response in place of a light one, to be sent; anything else as it is. */
export function ownResponse<T>(answer: T): T | Response {
  return LightResponse.isLight(answer) ? LightResponse.toSend(answer) : answer;
}
