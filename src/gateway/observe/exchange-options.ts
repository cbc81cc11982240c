import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { FieldsAtHand } from "../proxies/fields-at-hand.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";

/** What `withExchange` needs. */
export interface ExchangeOptions {
  readonly observer: ExchangeObserver;
  readonly runtime: Pick<
    ServingRuntime,
    "clock" | "byteLength" | "peerOf" | "nativeRequests"
  >;
  /** Shared with what else looks at a request's fields. */
  readonly fields: FieldsAtHand;
}
