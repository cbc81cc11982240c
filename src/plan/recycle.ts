/** When a worker asks to be replaced. */
import type { Settings } from "../config/table/types.ts";
import type { RecyclePlan } from "../protocol/worker-plan.ts";

/** With jitter, so that workers of one start do not ask together. */
export function planRecycle(
  settings: Settings,
  random: () => number,
): RecyclePlan {
  const jittered = (limit: number, jitter: number) =>
    limit === 0 ? 0 : limit + random() * jitter;
  const requests = jittered(
    settings.maxRequests,
    // The last of them is as likely as any other.
    settings.maxRequestsJitter + 1,
  );
  const seconds = jittered(
    settings.maxWorkerLifetime,
    settings.maxWorkerLifetimeJitter,
  );
  return {
    maxRequests: Math.floor(requests),
    maxLifetimeMs: Math.round(seconds * 1000),
    maxMemory: settings.maxWorkerMemory,
    maxMemoryHard: settings.maxWorkerMemoryHard,
  };
}
