/**
 * Runs a worker before Deno's main module, which is a file of the app's folder
 * and is never begun: that makes Deno look for the app's package.json.
 *
 * @module
 */
import { ownRuntime } from "./adapters/mod.ts";
import { runWorker } from "./src/worker/worker.ts";

runWorker(await ownRuntime());
await new Promise(() => {});
