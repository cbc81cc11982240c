/** How many files this process may open, and whether that is enough. */
import { ConfigError } from "../../base/errors.ts";
import { countOf } from "../../base/count.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Files } from "../../runtime/runtime.ts";

/** What a runtime and corn hold open themselves. */
const BASE = 48;
/** What the arbiter holds for each worker: its channel, and its share of accept queues. */
const EACH_WORKER = 4;
/** What a thread of a worker holds there, at rest: most runtimes 7, Deno 8. */
const EACH_THREAD = 8;
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

/** Before sockets are opened, whose failure would name an address. @throws ConfigError where the pool could not even start */
export function checkDescriptorLimit(
  limit: number | undefined,
  { workers, threads }: { workers: number; threads: number },
): void {
  if (limit === undefined) return;
  const refuse = (what: string, needed: number) => {
    if (limit >= needed) return;
    throw new ConfigError(
      `Cannot run ${what} with ${limit} open files: corn needs ${needed}; give fewer, or raise the limit with ulimit -n, LimitNOFILE= or --ulimit`,
    );
  };
  refuse(countOf(workers, "worker"), BASE + EACH_WORKER * workers);
  refuse(
    `${countOf(threads, "thread")} a worker`,
    BASE + EACH_THREAD * threads,
  );
}

/** Warns where it would not get far. */
export function warnOfDescriptorLimit(
  limit: number | undefined,
  log: Pick<Logger, "warning">,
): void {
  if (limit !== undefined && limit < COMFORTABLE) {
    log.warning(
      `The limit of open files is ${limit}: each connection takes one; raise it with ulimit -n, LimitNOFILE= or --ulimit`,
    );
  }
}
