/** corn's ServingRuntime on Node. */
import type { ServingRuntime } from "../../src/runtime/serving.ts";
import { servingBase } from "../shared/serving.ts";
import { takeSocket } from "../shared/servers/upgrade.ts";
import { upgradeOf } from "../shared/servers/upgraded.ts";
import { fieldsOf, messages, peerOf, showClient } from "./env.ts";
import { decodes } from "./fetch.ts";
import { isInstrumented } from "./instrumented.ts";
import { watchLoop } from "./loop-watch.ts";
import { createNodeRuntime } from "./runtime.ts";

export function createNodeServing(): ServingRuntime {
  return {
    ...createNodeRuntime(),
    ...servingBase,
    loadNative: () => import("./serve.ts"),
    async loadTransport() {
      const { createNodeTransport } = await import("./transport.ts");
      return createNodeTransport();
    },
    async locateSyntaxError(paths, message) {
      // Only for an app that cannot be loaded.
      const { locateSyntaxError } = await import("./locate-syntax-error.ts");
      return await locateSyntaxError(paths, message);
    },
    async startThread(options) {
      const { startThread } = await import("../shared/processes/threads.ts");
      const { lookAtThread } = await import("./thread-look.ts");
      return startThread(options, lookAtThread);
    },
    // A thread takes some 10 MB.
    loopWatch: { free: false, start: watchLoop },
    peerOf,
    showClient,
    fieldsOf,
    decodes,
    isInstrumented,
    nativeRequests: { messages, takeSocket, upgradeOf },
  };
}
