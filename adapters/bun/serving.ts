/** corn's ServingRuntime on Bun. */
import type { ServingRuntime } from "../../src/runtime/serving.ts";
import type { Libc } from "../libc/libc.ts";
import { servingBase } from "../shared/serving.ts";
import { takeSocket } from "../shared/servers/upgrade.ts";
import { unsendable } from "./answers.ts";
import { hostOf, peerOf, showClient } from "./env.ts";
import { decodes } from "./fetch.ts";
import { watchServers } from "./servers.ts";
import { withRoutes } from "./routes.ts";
import { createBunRuntime } from "./runtime.ts";
import { watchLoop } from "./loop-watch.ts";
import { upgradeOf } from "../shared/servers/upgraded.ts";

export function createBunServing(libc: Libc | undefined): ServingRuntime {
  return {
    ...createBunRuntime(libc),
    ...servingBase,
    async loadNative() {
      const { createEngine } = await import("./serve.ts");
      const { installTurningStreams } = await import("./turning-streams.ts");
      return {
        // deno-lint-ignore require-await -- others take their time
        installWebGlobals: async () => installTurningStreams(globalThis),
        createEngine: (options) => createEngine(options, libc),
      };
    },
    async loadTransport() {
      const { createBunTransport } = await import("./transport.ts");
      return createBunTransport(libc);
    },
    loopWatch: { free: true, start: watchLoop },
    watchServers,
    withRoutes,
    peerOf,
    showClient,
    decodes,
    nativeRequests: {
      ...{ hostOf, takeSocket, unsendable, upgradeOf },
      normalizes: true,
    },
  };
}
