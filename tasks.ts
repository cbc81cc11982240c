/**
 * Calls tasks: work that is done beside requests, in processes of its own that
 * corn keeps.
 *
 * ```ts
 * import { tasks } from "corn/tasks";
 * import type * as Images from "./tasks/images.ts";
 *
 * const images = tasks<typeof Images>("images");
 *
 * export default {
 *   async fetch(request: Request) {
 *     const { signal } = request;
 *     const small = await images.with({ signal }).resize(await request.bytes(), 200);
 *     return new Response(small, { headers: { "content-type": "image/webp" } });
 *   },
 * };
 * ```
 *
 * @module
 */
import { taskMachine } from "./adapters/shared/tasks.ts";
import { createClient } from "./src/tasks/client.ts";
import type { TaskClient } from "./src/tasks/types.ts";

export {
  TaskError,
  TaskFailure,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "./src/tasks/errors.ts";
export type { RemoteError } from "./src/tasks/errors.ts";
export type {
  CallOptions,
  TaskCalls,
  TaskClient,
  TaskContext,
} from "./src/tasks/types.ts";

/**
 * The client of a pool, by its name in the config. Where corn does not run, as
 * in a test or a script, the tasks run in this process: `load` gives their
 * module, such as `() => import("./tasks/images.ts")`; without it the config
 * file of the working folder says which it is.
 *
 * @throws RangeError where corn runs and has no such pool
 */
export function tasks<Module>(
  pool: string,
  load?: () => Promise<Module>,
): TaskClient<Module> {
  return createClient<Module>(pool, taskMachine, load);
}
