/** corn's Runtime on Bun. */
import type { Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Runtime } from "../../src/runtime.ts";
import { base } from "../common/base.ts";
import { createNetTransport } from "../common/net-transport.ts";
import { createSelf, importModule } from "../common/machine.ts";
import { machineWith } from "../posix/machine.ts";
import { loadLibc } from "./ffi.ts";
import { engine } from "./serve.ts";

/**
 * Imports by path: of a `file:` URL Bun leaves out the query, so that a module
 * that was loaded once is never loaded anew (1.4.5).
 */
function importByPath(url: string): Promise<Record<string, unknown>> {
  if (!url.startsWith("file:")) return importModule(url);
  const { search } = new URL(url);
  return importModule(fileURLToPath(url) + search);
}

/** The part of Bun's server that apps ask, for one connection. */
function serverOf({ remoteAddress, remotePort, remoteFamily }: Socket) {
  const peer = remoteAddress === undefined ? null : {
    address: remoteAddress,
    port: remotePort,
    family: remoteFamily,
  };
  return {
    requestIP: () => peer,
    timeout() {},
    // There is no WebSocket here.
    upgrade: () => false,
  };
}

export async function createBunRuntime(): Promise<Runtime> {
  const libc = await loadLibc();
  return {
    ...base,
    ...machineWith(libc),
    name: "bun",
    version: process.versions.bun ?? "unknown",
    self: createSelf(process.execPath),
    importModule: importByPath,
    engine: (options) => engine(options, libc),
    transport: createNetTransport({ envOf: serverOf }),
  };
}
