/** Where a pool's socket is. */
import type { Runtime } from "../../runtime/runtime.ts";

/**
 * A name that no other pool has, of this arbiter or another, in the service's
 * own folder or in /tmp: the socket is its owner's alone wherever it stands.
 */
export function socketPath(
  { self, random }: Pick<Runtime, "self" | "random">,
  { pool, generation }: {
    readonly pool: string;
    readonly generation: number;
  },
): string {
  // systemd may give several, see RuntimeDirectory= in systemd.exec(5).
  const [service = ""] = (self.env().RUNTIME_DIRECTORY ?? "").split(":");
  const folder = service.startsWith("/") ? service : "/tmp";
  const chance = Math.floor(random() * 2 ** 32).toString(36);
  return `${folder}/corn-${self.pid}-${chance}-${pool}-${generation}.sock`;
}
