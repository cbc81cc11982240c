/** Which runtime this is, and its adapter. */
import process from "node:process";
import type { Runtime } from "../src/runtime.ts";

/** The adapter of the runtime that runs this. */
export async function currentRuntime(): Promise<Runtime> {
  // Bun and Deno both pretend to be a Node in process.version.
  if (process.versions.bun !== undefined) {
    return await (await import("./bun/runtime.ts")).createBunRuntime();
  }
  if (process.versions.deno !== undefined) {
    return await (await import("./deno/runtime.ts")).createDenoRuntime();
  }
  return await (await import("./node/runtime.ts")).createNodeRuntime();
}
