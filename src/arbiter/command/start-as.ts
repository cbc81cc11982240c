/**
 * How a worker becomes another user. It is started as that user where the
 * system lets it: a runtime that starts as root opens root's files, such as
 * Deno's caches, and keeps them (2.9.5, DENO-NO-SETGROUPS).
 */
import type { Files, Identity } from "../../runtime/runtime.ts";
import type { WorkerCommand } from "./command.ts";

/** Of util-linux; busybox has one in /bin that knows no users. */
const SETPRIV = "/usr/bin/setpriv";

/** What changes the user: the arbiter's spawn, setpriv(1), or the worker itself. */
export type StartAs =
  | { readonly by: "spawn"; readonly identity: Identity }
  | { readonly by: "setpriv"; readonly identity: Identity }
  | { readonly by: "worker"; readonly identity: Identity };

/** Runtimes start a process as another user with that user's own group alone: for more it takes setpriv(1). */
export function decideStartAs(
  identity: Identity | undefined,
  files: Pick<Files, "kind">,
): StartAs | undefined {
  if (identity === undefined) return undefined;
  const alone = identity.groups.every((group) => group === identity.gid);
  if (alone) return { by: "spawn", identity };
  const by = files.kind(SETPRIV) === "file" ? "setpriv" : "worker";
  return { by, identity };
}

/** What a worker's process is started with. */
export function startOptions(
  startAs: StartAs | undefined,
  command: WorkerCommand,
): WorkerCommand & { readonly identity?: Pick<Identity, "uid" | "gid"> } {
  if (startAs?.by === "spawn") {
    const { uid, gid } = startAs.identity;
    return { ...command, identity: { uid, gid } };
  }
  if (startAs?.by !== "setpriv") return command;
  const { uid, gid, groups } = startAs.identity;
  return {
    executable: SETPRIV,
    args: [
      ...(uid === undefined ? [] : [`--reuid=${uid}`]),
      `--regid=${gid}`,
      `--groups=${groups.join(",")}`,
      "--",
      command.executable,
      ...command.args,
    ],
  };
}
