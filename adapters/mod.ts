/** Which runtime this is, and its adapter. */
import process from "node:process";
import type { Runtime } from "../src/runtime/runtime.ts";
import type { ServingRuntime } from "../src/runtime/serving.ts";
import type { Libc } from "./libc/libc.ts";

/** What a process of corn's is, which needs permissions of its own on Deno. */
type Part = "arbiter" | "worker";

// Bun and Deno both pretend to be a Node in process.version.
const { bun, deno } = process.versions;

/** The adapter of the runtime that runs this. @throws where the runtime does not permit what corn needs */
export async function currentRuntime(): Promise<Runtime> {
  const libc = await loadLibc("arbiter");
  if (bun !== undefined) {
    return (await import("./bun/runtime.ts")).createBunRuntime(libc);
  }
  if (deno !== undefined) {
    return (await import("./deno/runtime.ts")).createDenoRuntime(libc);
  }
  return (await import("./node/runtime.ts")).createNodeRuntime();
}

/** The same with what it takes to serve. */
export async function servingRuntime(): Promise<ServingRuntime> {
  const libc = await loadLibc("worker");
  if (bun !== undefined) {
    return (await import("./bun/serving.ts")).createBunServing(libc);
  }
  if (deno !== undefined) {
    return (await import("./deno/serving.ts")).createDenoServing(libc);
  }
  return (await import("./node/serving.ts")).createNodeServing();
}

/** The same for a thread of a worker. */
export function threadRuntime(): Promise<ServingRuntime> {
  return runtimeOrExit(async () => {
    const { asThread } = await import("./shared/processes/thread.ts");
    return asThread(await servingRuntime());
  });
}

/** What a runtime with an FFI gives, once it was seen that it permits what corn needs. */
async function loadLibc(part: Part): Promise<Libc | undefined> {
  if (bun !== undefined) return await (await import("./bun/ffi.ts")).loadLibc();
  if (deno === undefined) return undefined;
  (await import("./deno/permissions.ts")).demandPermissions(part);
  return (await import("./deno/ffi.ts")).loadLibc();
}

/** The same for a process that is corn's own: says in a line why it cannot run, and exits. */
export function ownRuntime(): Promise<Runtime> {
  return runtimeOrExit(async () => {
    if (bun === undefined && deno === undefined) {
      // What is loaded before that is compiled at each start.
      (await import("./node/compile-cache.ts")).startCompileCache();
    }
    return await currentRuntime();
  });
}

/** The same for a worker. */
export function workerRuntime(): Promise<ServingRuntime> {
  return runtimeOrExit(servingRuntime);
}

async function runtimeOrExit<T extends Runtime>(
  create: () => Promise<T>,
): Promise<T> {
  try {
    const runtime = await create();
    runtime.keepDescriptors();
    return runtime;
  } catch (error) {
    process.stderr.write(`corn: ${(error as Error).message}\n`);
    process.exit(1);
  }
}
