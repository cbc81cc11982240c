/**
 * A worker, which corn starts; it loads nothing of the command's.
 *
 * @module
 */
import { workerRuntime } from "./adapters/mod.ts";
import { runWorker } from "./src/worker/process.ts";

runWorker(await workerRuntime());
// Before Deno's main module, which is a file of the app's folder and is never
// begun: that makes Deno look for the app's package.json.
if (!import.meta.main) await new Promise(() => {});
