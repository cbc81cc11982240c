/** What a worker is, and what follows from that. */
import type { Config } from "../config/table/types.ts";
import type {
  WorkerClassName,
  WorkerClassPlan,
} from "../protocol/worker-plan.ts";

type Chosen = Pick<Config, "settings" | "origins">;

/** The class of workers: several threads are one of their own, whether it is named or not. */
function classOf({ settings }: Pick<Config, "settings">): WorkerClassName {
  const { workerClass, threads } = settings;
  return threads > 1 ? "thread" : workerClass;
}

/** Threads of a worker that each accept for themselves; 0 where its process does. */
export function threadsOf(config: Pick<Config, "settings">): number {
  return classOf(config) === "thread" ? config.settings.threads : 0;
}

/** True where idle workers take what comes from one queue, unless several are asked for. */
export function sharesQueue({ settings }: Pick<Config, "settings">): boolean {
  const { workerClass, queues, reusePort } = settings;
  return workerClass === "sync" && queues === "auto" && reusePort !== true;
}

export function planClass(config: Pick<Config, "settings">): WorkerClassPlan {
  return {
    name: classOf(config),
    everyQueue: sharesQueue(config),
    threads: threadsOf(config),
  };
}

/** A connection is one request's where workers take one at a time, unless keep-alive is asked for. */
export function keepAliveMs({ settings, origins }: Chosen): number {
  const { workerClass, keepAlive } = settings;
  const given = origins.keepAlive !== "default";
  return workerClass === "sync" && !given ? 0 : keepAlive * 1000;
}
