import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";

/** What `withExchange` needs. */
export interface ExchangeOptions {
  readonly observer: ExchangeObserver;
  readonly runtime: Pick<
    ServingRuntime,
    "clock" | "byteLength" | "peerOf" | "nativeRequests"
  >;
}
