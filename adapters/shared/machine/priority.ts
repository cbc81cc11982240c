/** How soon this process has the processor. */
import { readdirSync } from "node:fs";
import { setPriority } from "node:os";
import process from "node:process";

/** See `ServingRuntime.lowerPriority`. */
export function lowerPriority(nice: number): void {
  setPriority(0, nice);
  if (process.platform !== "linux") return;
  // On Linux each thread has its own: what the runtime has started already
  // collects garbage and compiles for the tasks.
  for (const thread of readdirSync("/proc/self/task")) {
    try {
      setPriority(Number(thread), nice);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
