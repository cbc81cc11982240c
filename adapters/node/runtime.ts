/** corn's Runtime on Node. */
import process from "node:process";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { importBeside } from "./import-beside.ts";
import { createImportAnew, withoutLinks } from "../shared/machine/anew.ts";
import { base } from "../shared/base.ts";
import { become } from "../shared/machine/identity.ts";
import { createSelf, importModule } from "../shared/machine/machine.ts";
import { gauge } from "../libc/gauge.ts";
import { findInMemory } from "../libc/memory.ts";
import { notifyByCommand } from "../libc/notify.ts";
import { keepDescriptors, spawn } from "./descriptors.ts";
import { inherit, listen } from "./listen.ts";
import { saveCompiled } from "./compiled.ts";
import { leaveFlagsAlone, outputWays } from "./output.ts";

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
    spawn,
    keepDescriptors,
    saveCompiled,
  };
}
