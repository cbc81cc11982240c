/** The gateway with the limits that are on; one that is off costs nothing. */
import type { RequestLimits } from "./request-limits.ts";
import type { Clock, RequestHandler } from "../../runtime/runtime.ts";
import { withAdmission } from "./admission.ts";
import type { App } from "../app/app.ts";
import { withBodyLimit } from "./body-limit.ts";
import { withDeadline } from "./deadline.ts";
import { createGateway } from "../call/gateway.ts";
import type { GatewayOptions } from "../call/gateway.ts";
import { withRequestHooks } from "../call/request-hooks.ts";
import type { RequestHooksOptions } from "../call/request-hooks.ts";

export interface LimitedGatewayOptions extends GatewayOptions {
  readonly clock: Pick<Clock, "after" | "date" | "now">;
  /** Hooks around the app; left out where there are none. */
  readonly hooks?: Omit<RequestHooksOptions, "clock">;
  readonly limits: RequestLimits;
  /** Reports a request that was not answered in time. */
  onTimeout(text: string): void;
  /** Reports refusals, a few lines a minute at most. */
  onOverload(text: string): void;
}

/** Wraps an app into what engines call: at the outside the queue, then the gateway, deadline and body. */
export function createLimitedGateway(
  app: App,
  options: LimitedGatewayOptions,
): RequestHandler {
  const { limits } = options;
  let limited = app;
  if (limits.maxBody > 0) {
    limited = withBodyLimit(limited, { ...options, bytes: limits.maxBody });
  }
  if (limits.requestTimeoutMs > 0) {
    const ms = limits.requestTimeoutMs;
    limited = withDeadline(limited, { ...options, ms });
  }
  if (options.hooks !== undefined) {
    const { clock, hooks } = options;
    limited = withRequestHooks(limited, { ...hooks, clock });
  }
  const handler = createGateway(limited, options);
  if (limits.workerConnections === 0 && limits.maxQueueTimeMs === 0) {
    return handler;
  }
  return withAdmission(handler, {
    ...options,
    connections: limits.workerConnections,
    maxQueue: limits.maxQueue,
    maxQueueTimeMs: limits.maxQueueTimeMs,
  });
}
