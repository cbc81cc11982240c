/** How many requests a worker has in hand, and what follows from that. */
import type { Config } from "../config/table/types.ts";
import type { WorkerClassPlan } from "../protocol/worker-plan.ts";

type Chosen = Pick<Config, "settings" | "origins">;

/** True where idle workers take what comes from one queue, unless several are asked for. */
export function sharesQueue({ settings }: Pick<Config, "settings">): boolean {
  const { workerClass, queues, reusePort } = settings;
  return workerClass === "sync" && queues === "auto" && reusePort !== true;
}

export function planClass(config: Pick<Config, "settings">): WorkerClassPlan {
  return {
    name: config.settings.workerClass,
    everyQueue: sharesQueue(config),
  };
}

/** A connection is one request's where workers take one at a time, unless keep-alive is asked for. */
export function keepAliveMs({ settings, origins }: Chosen): number {
  const { workerClass, keepAlive } = settings;
  const given = origins.keepAlive !== "default";
  return workerClass === "sync" && !given ? 0 : keepAlive * 1000;
}
