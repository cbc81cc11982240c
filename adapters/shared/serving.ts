/** The part of ServingRuntime that is the same on Node, Bun and Deno. */
import { Buffer } from "node:buffer";
import type { ServingRuntime } from "../../src/runtime/serving.ts";
import { keepFarewell } from "./processes/farewell.ts";
import { lowerPriority } from "./machine/priority.ts";
import { recorder } from "./machine/recorder.ts";
import { watchNodeServers } from "./servers/node-servers.ts";

export const servingBase: Pick<
  ServingRuntime,
  | "byteLength"
  | "recorder"
  | "globals"
  | "loadServedFiles"
  | "keepFarewell"
  | "watchServers"
  | "startThread"
  | "keepsTlsSessions"
  | "lowerPriority"
> = {
  recorder,
  keepsTlsSessions: false,
  byteLength: (text) => Buffer.byteLength(text),
  globals: globalThis,
  async loadServedFiles() {
    return (await import("./files/served-files.ts")).servedFiles;
  },
  keepFarewell,
  watchServers: watchNodeServers,
  async startThread(options) {
    const { startThread } = await import("./processes/threads.ts");
    return startThread(options);
  },
  lowerPriority,
};
