/** Where the workers of a generation keep compiled code, see `compileCache`. */
import { messageOf } from "../../base/errors.ts";
import { compileCacheFolder } from "../../base/files/compile-cache.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Prepared } from "./generation.ts";

/** What leaves a group as it is, see chown(2). */
const SAME = -1;

/** The variable by which Node is told before it loads anything. */
const VARIABLE = "NODE_COMPILE_CACHE";

/** What workers get into their environment; `say` tells why it is nothing. */
export function prepareCompileCache(
  { config, release, identity, startAs }: Pick<
    Prepared,
    "config" | "release" | "identity" | "startAs"
  >,
  { files, self }: Pick<Runtime, "files" | "self">,
  say: (reason: string) => void,
): Readonly<Record<string, string>> {
  // A worker that begins as root would run what its user has written.
  if (release.runtime !== "node" || startAs?.by === "worker") return {};
  const { compileCache: setting, env } = config.settings;
  const user = identity?.uid ?? self.uid;
  const folder = compileCacheFolder({
    setting,
    env: { ...self.env(), ...env },
    uid: self.uid,
    user,
  });
  if (folder === undefined) return {};
  try {
    files.makePrivate(folder, { uid: user, gid: identity?.gid ?? SAME });
    return { [VARIABLE]: folder };
  } catch (error) {
    say(`Workers keep no compiled code in "${folder}": ${messageOf(error)}`);
    return {};
  }
}
