/** Finds a class of workers by its name. */
import type { WorkerClassName } from "../../protocol/worker-plan.ts";
import { asyncClass } from "./async.ts";
import type { WorkerClass } from "./worker-class.ts";

/** Loads what the class needs beyond what every worker has. */
export async function loadWorkerClass(
  name: WorkerClassName,
): Promise<WorkerClass> {
  switch (name) {
    case "async":
      return asyncClass;
    case "sync":
      return (await import("./sync.ts")).syncClass;
    case "thread":
      return (await import("./thread.ts")).threadClass;
  }
}
