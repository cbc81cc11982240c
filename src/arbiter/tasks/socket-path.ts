/** Where a pool's socket is, and what is left of those of arbiters that were killed. */
import { removeDeadSockets } from "../../base/addresses/dead-sockets.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** One that was published, or one that was to be. */
const NAME = /^corn-(\d+)-[\da-z]+-[\w-]+-\d+\.sock(?:\.[\da-f]{16})?$/i;

/** The service's own folder, or /tmp: a socket is its owner's alone wherever it stands. */
function folderOf(self: Runtime["self"]): string {
  // systemd may give several, see RuntimeDirectory= in systemd.exec(5).
  const [service = ""] = (self.env().RUNTIME_DIRECTORY ?? "").split(":");
  return service.startsWith("/") ? service : "/tmp";
}

/** A name that no other pool has, of this arbiter or another. */
export function socketPath(
  { self, random }: Pick<Runtime, "self" | "random">,
  { pool, generation }: {
    readonly pool: string;
    readonly generation: number;
  },
): string {
  const chance = Math.floor(random() * 2 ** 32).toString(36);
  return `${
    folderOf(self)
  }/corn-${self.pid}-${chance}-${pool}-${generation}.sock`;
}

/** Removes the names of sockets whose arbiters are gone, and their pools as well. */
export function removeDeadPools(
  runtime: Pick<Runtime, "self" | "answers" | "files" | "signals">,
): Promise<void> {
  return removeDeadSockets(folderOf(runtime.self), { pattern: NAME }, runtime);
}
