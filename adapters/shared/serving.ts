/** The part of ServingRuntime that is the same on Node, Bun and Deno. */
import { Buffer } from "node:buffer";
import type { ServingRuntime } from "../../src/runtime/serving.ts";

export const servingBase: Pick<ServingRuntime, "byteLength" | "globals"> = {
  byteLength: (text) => Buffer.byteLength(text),
  globals: globalThis,
};
