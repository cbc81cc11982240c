/**
 * A thread of a worker, which a worker starts.
 *
 * @module
 */
import { threadRuntime } from "./adapters/mod.ts";
import { runThread } from "./src/worker/threads/thread.ts";

runThread(await threadRuntime());
