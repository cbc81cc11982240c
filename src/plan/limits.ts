/** What a worker takes on of requests. */
import type { Settings } from "../config/table/types.ts";
import type { RequestLimits } from "../gateway/limits/request-limits.ts";

export function planLimits(settings: Settings): RequestLimits {
  const { maxQueue } = settings;
  return {
    requestTimeoutMs: settings.requestTimeout * 1000,
    workerConnections: settings.workerConnections,
    maxQueue: maxQueue === "none"
      ? 0
      // JSON has no Infinity.
      : maxQueue || Number.MAX_SAFE_INTEGER,
    maxQueueTimeMs: settings.maxQueueTime * 1000,
    maxBody: settings.limitRequestBody,
  };
}
