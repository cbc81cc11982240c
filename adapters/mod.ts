/** Which runtime this is, and its adapter. */
import process from "node:process";
import type { Runtime } from "../src/runtime/runtime.ts";

/** What a process of corn's is, which needs permissions of its own on Deno. */
type Part = "arbiter" | "worker";

/** Bun and Deno both pretend to be a Node in process.version. */
function isNode(): boolean {
  return process.versions.bun === undefined &&
    process.versions.deno === undefined;
}

/** The adapter of the runtime that runs this. @throws where the runtime does not permit what corn needs */
export async function currentRuntime(
  part: Part = "arbiter",
): Promise<Runtime> {
  if (process.versions.bun !== undefined) {
    return await (await import("./bun/runtime.ts")).createBunRuntime();
  }
  if (process.versions.deno !== undefined) {
    (await import("./deno/permissions.ts")).demandPermissions(part);
    return await (await import("./deno/runtime.ts")).createDenoRuntime();
  }
  return await (await import("./node/runtime.ts")).createNodeRuntime();
}

/** The same for a process that is corn's own: says in a line why it cannot run, and exits. */
export function ownRuntime(): Promise<Runtime> {
  return runtimeOrExit("arbiter");
}

/** The same for a worker. */
export function workerRuntime(): Promise<Runtime> {
  return runtimeOrExit("worker");
}

async function runtimeOrExit(part: Part): Promise<Runtime> {
  try {
    if (part === "arbiter" && isNode()) {
      // What is loaded before that is compiled at each start.
      (await import("./node/compile-cache.ts")).startCompileCache();
    }
    const runtime = await currentRuntime(part);
    runtime.keepDescriptors();
    return runtime;
  } catch (error) {
    process.stderr.write(`corn: ${(error as Error).message}\n`);
    process.exit(1);
  }
}
