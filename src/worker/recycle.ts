/** When a worker asks to be replaced: for its age or its memory. Requests are counted by the gateway. */
import type { RecyclePlan } from "../protocol/worker-plan.ts";
import type { Clock, Closeable, Self } from "../runtime/runtime.ts";

/** Between two looks at the memory. */
const SAMPLE_MS = 1000;
/** So many looks in a row must find too much: one may meet garbage that is about to go. */
const SAMPLES = 3;

export interface RecycleOptions {
  readonly clock: Clock;
  readonly self: Pick<Self, "memory">;
  readonly limits: Omit<RecyclePlan, "maxRequests">;
  /** True while memory tells nothing of the app. */
  holds?(): boolean;
  /** Called once, with the limit and the reason. */
  onLimit(kind: "lifetime" | "memory", reason: string): void;
  /** Called once, with the reason, where there is no time to wait for a replacement. */
  onHardLimit(reason: string): void;
}

/** Watches a worker from its start on. */
export function watchLimits(options: RecycleOptions): Closeable {
  const { clock, limits } = options;
  let lifetime: Closeable | undefined;
  let next: Closeable | undefined;
  const close = () => {
    lifetime?.close();
    next?.close();
  };
  let asked = false;
  const reach = (kind: "lifetime" | "memory", reason: string) => {
    if (asked) return;
    asked = true;
    options.onLimit(kind, reason);
  };
  const { maxLifetimeMs, maxMemory, maxMemoryHard } = limits;
  if (maxLifetimeMs > 0) {
    lifetime = clock.after(
      maxLifetimeMs,
      () =>
        reach("lifetime", `${Math.round(maxLifetimeMs / 1000)} s of service`),
    );
  }
  let over = 0;
  function sample(): void {
    if (options.holds?.()) {
      next = clock.after(SAMPLE_MS, sample);
      return;
    }
    const bytes = options.self.memory();
    if (maxMemoryHard > 0 && bytes > maxMemoryHard) {
      close();
      return options.onHardLimit(
        `${mebibytes(bytes)} of memory, more than the hard limit of ${
          mebibytes(maxMemoryHard)
        }`,
      );
    }
    over = maxMemory > 0 && bytes > maxMemory ? over + 1 : 0;
    if (over === SAMPLES) reach("memory", `growing to ${mebibytes(bytes)}`);
    // While its replacement boots it may still grow beyond the hard limit.
    if (asked && maxMemoryHard === 0) return;
    next = clock.after(SAMPLE_MS, sample);
  }
  if (maxMemory > 0 || maxMemoryHard > 0) sample();
  return { close };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
