/** How a worker speaks HTTP. */
import type { HttpEngine, ServingOptions } from "../../runtime/runtime.ts";
import type { WireLimits } from "../h1/limits.ts";
import type { ProxyRules } from "../proxy-protocol/proxy-header.ts";

export interface HttpPlan {
  /** The engine that speaks it; `auto` leaves it to the worker. */
  readonly engine: HttpEngine;
  /** False to leave the runtime's Response and Headers as they are. */
  readonly lightResponse: boolean;
  /** What the wire engine lets clients send. */
  readonly limits: WireLimits;
  /** Where each connection begins with a PROXY header. */
  readonly proxyRules?: ProxyRules;
  /** What every engine is told. */
  readonly serving: ServingOptions;
}
