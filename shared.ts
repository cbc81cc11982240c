/**
 * Memory that all threads of a worker have.
 *
 * ```ts
 * import { sharedBuffer } from "corn/shared";
 *
 * const hits = new Int32Array(await sharedBuffer("hits", 4));
 *
 * export default {
 *   fetch: () => new Response(`${Atomics.add(hits, 0, 1) + 1}`),
 * };
 * ```
 *
 * @module
 */
import { getShared } from "./src/shared/shared-buffers.ts";

/**
 * The memory of a name: zeros at the first call, and the same for every call in
 * all threads of one worker (`-k thread`). Each worker's process has its own.
 * Without threads, or without corn, it is this process's.
 *
 * @throws RangeError where the name has memory of another size, or there is none
 * of that size; TypeError where the name is no text
 */
export function sharedBuffer(
  name: string,
  bytes: number,
): Promise<SharedArrayBuffer> {
  return getShared(globalThis, name, bytes);
}
