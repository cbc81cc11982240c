/** corn's Runtime on Node. */
import process from "node:process";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { importBeside } from "./import-beside.ts";
import { createImportAnew, withoutLinks } from "../shared/anew.ts";
import { base } from "../shared/base.ts";
import { become } from "../shared/identity.ts";
import { createSelf, importModule } from "../shared/machine.ts";
import { gauge } from "../libc/gauge.ts";
import { findInMemory } from "../libc/memory.ts";
import { notifyByCommand } from "../libc/notify.ts";
import { createNetTransport } from "../shared/net-transport.ts";
import { keepDescriptors, spawn } from "./descriptors.ts";
import { inherit, listen } from "./listen.ts";
import { Messages } from "./messages.ts";
import { fieldsOf, peerOf, showClient } from "./env.ts";
import { decodes } from "./fetch.ts";
import { leaveFlagsAlone, outputWays } from "./output.ts";
import { takeSocket } from "../shared/upgrade.ts";
import { engine, installWebGlobals, messages } from "./serve.ts";
import { accept } from "./accept.ts";
import { saveCompiled } from "./compiled.ts";

export function createNodeRuntime(): Runtime {
  leaveFlagsAlone();
  return {
    ...base,
    name: "node",
    version: process.versions.node,
    self: createSelf(process.execPath, outputWays),
    importBeside,
    importAnew: createImportAnew((url) => importModule(withoutLinks(url))),
    notifyManager: notifyByCommand,
    findInMemory,
    // libuv waits for its own children only, and Node gives no waitpid(2)
    // (NODE-ZOMBIES).
    reap: undefined,
    holdsListeners: true,
    listen,
    gauge,
    inherit,
    servesDescriptors: () => true,
    become: (identity) => become(identity),
    installWebGlobals,
    spawn,
    keepDescriptors,
    peerOf,
    showClient,
    fieldsOf,
    engine,
    decodes,
    view: { messages, takeSocket },
    saveCompiled,
    transport: createNetTransport({
      envOf: (socket, exchange) => new Messages(socket, exchange),
      rest: (server) => ({ accept: (on) => accept(server, on) }),
    }),
  };
}
