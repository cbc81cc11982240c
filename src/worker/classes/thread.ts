/** Any number of requests in hand on each of several event loops, which are threads: each is what an async worker is. */
import { asyncClass } from "./async.ts";
import type { WorkerClass } from "./worker-class.ts";

export const threadClass: WorkerClass = { ...asyncClass, name: "thread" };
