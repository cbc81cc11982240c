/** corn's Runtime on Bun. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { base } from "../shared/base.ts";
import { createImportAnew, withoutLinks } from "../shared/machine/anew.ts";
import { createSelf, importModule } from "../shared/machine/machine.ts";
import { parent } from "../shared/processes/parent.ts";
import { machineWith } from "../libc/machine.ts";
import { waysOf } from "../libc/output.ts";
import type { Libc } from "../libc/libc.ts";

const Bun = (globalThis as unknown as {
  Bun: {
    resolveSync(name: string, folder: string): string;
    shrink(): void;
  };
}).Bun;

/** Imports by path: of a `file:` URL Bun leaves out the query (1.4.5, BUN-LINKS-KEPT). */
function importByPath(url: string): Promise<Record<string, unknown>> {
  if (!url.startsWith("file:")) return importModule(url);
  const { search } = new URL(url);
  return importModule(fileURLToPath(url) + search);
}

/** See `Runtime.importBeside`. */
async function importBeside(
  name: string,
  url: string,
): Promise<Record<string, unknown> | undefined> {
  let path: string;
  try {
    path = Bun.resolveSync(name, dirname(fileURLToPath(url)));
  } catch {
    return undefined;
  }
  return await importModule(path);
}

/** A Socket that is made with a descriptor never reads (Bun 1.4.5, BUN-SOCKET-FD); one that connects by it does. */
function openSocket(fd: number): Socket {
  return connect({ fd } as unknown as { path: string });
}

export function createBunRuntime(libc: Libc | undefined): Runtime {
  return {
    ...base,
    ...machineWith(libc),
    name: "bun",
    importAnew: createImportAnew((url) => importByPath(withoutLinks(url))),
    importBeside,
    tidy: () => Bun.shrink(),
    version: process.versions.bun ?? "unknown",
    self: createSelf(process.execPath, waysOf(libc)),
    parent: () => parent(openSocket),
  };
}
