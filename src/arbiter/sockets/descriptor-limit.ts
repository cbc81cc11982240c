/** How many files this process may open, and whether that is enough. */
import { ConfigError } from "../../base/errors.ts";
import { countOf } from "../../base/count.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Files } from "../../runtime/runtime.ts";

/** What a runtime and corn hold open themselves. */
const BASE = 48;
/** What the arbiter holds for each worker: its channel, and its share of accept queues. */
const EACH_WORKER = 4;
/** Below it a worker soon runs out under load. */
const COMFORTABLE = 1024;

/** Reads the soft limit from /proc/self/limits, undefined where there is none. */
export function readDescriptorLimit(
  files: Pick<Files, "readText">,
): number | undefined {
  try {
    const line = files.readText("/proc/self/limits")?.split("\n").find((one) =>
      one.startsWith("Max open files")
    );
    const soft = Number(line?.split(/\s{2,}/)[1]);
    return Number.isInteger(soft) ? soft : undefined;
  } catch {
    return undefined; // No /proc, or none that may be read.
  }
}

/** @throws ConfigError where the pool could not even start; warns where it would not get far. */
export function checkDescriptorLimit(
  limit: number | undefined,
  { workers, log }: { workers: number; log: Pick<Logger, "warning"> },
): void {
  if (limit === undefined) return;
  const needed = BASE + EACH_WORKER * workers;
  if (limit < needed) {
    throw new ConfigError(
      `Cannot run ${
        countOf(workers, "worker")
      } with ${limit} open files: corn needs ${needed}; raise the limit with ulimit -n, LimitNOFILE= or --ulimit`,
    );
  }
  if (limit < COMFORTABLE) {
    log.warning(
      `The limit of open files is ${limit}: each connection takes one; raise it with ulimit -n, LimitNOFILE= or --ulimit`,
    );
  }
}
