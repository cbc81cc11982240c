import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** What `withExchange` needs. */
export interface ExchangeOptions {
  readonly observer: ExchangeObserver;
  readonly runtime: Pick<Runtime, "clock" | "transport" | "peerOf" | "view">;
}
