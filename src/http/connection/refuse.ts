/** Answers that are the server's own: to what it cannot read, or not in time. */
import { countRefused } from "../../exchange/refused.ts";
import type { Link } from "./link.ts";
import { LightResponse } from "../web/light-response.ts";
import type { Observed } from "./observed.ts";
import { sendResponse } from "../output/send-response.ts";
import type { SendOptions } from "../output/send-response.ts";
import type { Verdict } from "../h1/verdict.ts";

/** A request that is refused, as far as it is known. */
export interface Refused {
  readonly head: SendOptions["head"];
  readonly observed: Observed | undefined;
}

/** A response of one line. */
export function ownResponse(status: number, line: string): Response {
  const headers = { "content-type": "text/plain" };
  const response = new LightResponse(`${line}\n`, { status, headers });
  return response as unknown as Response;
}

/** Writes why a request is not served; the connection ends after it. */
export function refuse(
  { host, output }: Link,
  { status, reason }: Verdict,
  { head, observed }: Refused,
): void {
  const response = ownResponse(status, reason);
  countRefused(status === 413 ? "body" : "request", status);
  sendResponse(response, {
    head,
    output,
    closes: true,
    date: host.dateLine(),
    byteLength: host.transport.byteLength,
    observed,
  });
  observed?.answer(response, status);
  observed?.end(host.now() + host.lost(), false);
}
