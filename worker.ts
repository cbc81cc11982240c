/**
 * A worker, which corn starts; it loads nothing of the command's.
 *
 * @module
 */
import { workerRuntime } from "./adapters/mod.ts";
import { runWorker } from "./src/worker/process.ts";

runWorker(await workerRuntime());
// Before Deno's main module, which makes Deno look for the app's package.json.
// Where that is the file itself it is never begun; what comes from standard
// input is empty, and lets the process end.
const { Deno } = globalThis as { Deno?: { readonly mainModule: string } };
if (Deno?.mainModule.endsWith("/package.json")) await new Promise(() => {});
