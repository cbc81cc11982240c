/** corn's ServingRuntime on Deno. */
import process from "node:process";
import type { ServingRuntime } from "../../src/runtime/serving.ts";
import type { Libc } from "../libc/libc.ts";
import { servingBase } from "../shared/serving.ts";
import { takeSocket } from "../shared/servers/upgrade.ts";
import { own, unsendable } from "./answers.ts";
import { fieldsOf, hostOf, peerOf, showClient } from "./env.ts";
import { quickClock } from "./clock.ts";
import { decodes } from "./fetch.ts";
import { answerBy, watchServers } from "./servers.ts";
import { createDenoRuntime } from "./runtime.ts";
import { upgradeOf } from "../shared/servers/upgraded.ts";
import { watchUpgrades } from "./upgrades.ts";

/** Not imported: only this needs the module, which takes some 10 ms to load. */
function debuggerUrl(): string | undefined {
  try {
    return process.getBuiltinModule("node:inspector").url();
  } catch {
    return undefined; // It takes a permission.
  }
}

export function createDenoServing(libc: Libc | undefined): ServingRuntime {
  const runtime = createDenoRuntime(libc);
  return {
    ...runtime,
    ...servingBase,
    clock: libc === undefined ? runtime.clock : quickClock(runtime.clock),
    async loadNative() {
      const { createEngine } = await import("./serve.ts");
      return {
        installWebGlobals: () => Promise.resolve(watchUpgrades()),
        answerBy,
        createEngine: (options) => createEngine(options, libc),
      };
    },
    async loadTransport(use) {
      const { createDenoTransport } = await import("./transport.ts");
      return createDenoTransport(libc, use);
    },
    // DENO-TLS-SESSIONS.
    keepsTlsSessions: true,
    watchServers,
    peerOf,
    showClient,
    decodes,
    debuggerUrl,
    fieldsOf,
    nativeRequests: { hostOf, upgradeOf, own, unsendable, takeSocket },
  };
}
