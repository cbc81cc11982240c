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
  /** Where plain requests are sent to https; left out where they are served. */
  readonly redirectHttps?: RedirectHttps;
  /** What every engine is told. */
  readonly serving: ServingOptions;
}

/** How a request that came without TLS is answered. */
export interface RedirectHttps {
  /** The port that speaks TLS. */
  readonly port: number;
}
