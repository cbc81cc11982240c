/**
 * A worker, which corn starts; it loads nothing of the command's.
 *
 * @module
 */
import { workerRuntime } from "./adapters/mod.ts";
import { runWorker } from "./src/worker/process.ts";

/** What a thread of a worker runs: thread.ts in a checkout, thread.js in the npm package. */
const THREAD = import.meta.url.replace(/worker(\.[jt]s)$/, "thread$1");

runWorker(await workerRuntime(), async (boot, host) => {
  const { Threads } = await import("./src/worker/threads/threads.ts");
  const threads = new Threads(boot, host, THREAD);
  void threads.begin();
  return threads;
});
// Before Deno's main module, which makes Deno look for the app's package.json.
// Where that is the file itself it is never begun; what comes from standard
// input is empty, and lets the process end.
const { Deno } = globalThis as { Deno?: { readonly mainModule: string } };
if (Deno?.mainModule.endsWith("/package.json")) await new Promise(() => {});
