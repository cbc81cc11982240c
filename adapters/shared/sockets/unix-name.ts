/** The names of unix sockets: files with an owner and a mode, or abstract names, see unix(7). */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import process from "node:process";
import type { UnixAccess } from "../../../src/runtime/runtime.ts";
import { isAbstract } from "../../../src/base/addresses/unix-names.ts";
import { unknownName } from "../files/safe-files.ts";

/** A name as the system takes it. @throws for an abstract one where there are none */
export function systemName(path: string): string {
  if (!isAbstract(path)) return path;
  if (process.platform === "linux") return `\0${path.slice(1)}`;
  throw new Error("abstract names are there on Linux only");
}

/**
 * Runs what binds a unix socket in such a way that it has its mode from the
 * first moment: to set it afterwards would follow a link that took its place.
 */
export function withMode<T>(
  path: string,
  { unixMode }: Pick<UnixAccess, "unixMode">,
  bind: () => T,
): T {
  if (isAbstract(path)) return bind();
  if (!maySetUmask()) {
    const bound = bind();
    chmodSync(path, unixMode);
    return bound;
  }
  const before = process.umask(0o777 & ~unixMode);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** False on Deno without the permission, which it would ask for on a terminal. */
function maySetUmask(): boolean {
  const { Deno } = globalThis as unknown as {
    Deno?: {
      permissions: {
        querySync(permission: { name: "sys"; kind: "umask" }): {
          readonly state: string;
        };
      };
    };
  };
  return Deno === undefined ||
    Deno.permissions.querySync({ name: "sys", kind: "umask" }).state ===
      "granted";
}

/** Sets the owner, of a link itself where one took the socket's place; an abstract name has none. @throws the system's error */
export function setOwner(
  path: string,
  { unixOwner }: Pick<UnixAccess, "unixOwner">,
): void {
  if (isAbstract(path) || unixOwner === undefined) return;
  lchownSync(path, unixOwner.uid, unixOwner.gid);
}

/** A name to open a unix socket under. */
export interface OwnName {
  /** As the system takes it. */
  readonly path: string;
  /** Runs what binds it there. */
  bind<T>(run: () => T): T;
  /** Gives an open socket its owner and the name that it is for. @throws the system's error */
  publish(): void;
}

/**
 * How a worker opens a unix socket of its own: under another name first. So its
 * owner and mode are right before a client can connect, and it takes the name
 * over from a worker that still serves. An abstract name has none of it.
 */
export function ownName(path: string, access: UnixAccess): OwnName {
  if (isAbstract(path)) {
    return { path: systemName(path), bind: (run) => run(), publish() {} };
  }
  const own = unknownName(path);
  return {
    path: own,
    bind: (run) => withMode(own, access, run),
    publish() {
      setOwner(own, access);
      renameSync(own, path);
    },
  };
}

/** Tells later whether what stands at the path is what stands there now. */
export function watchName(path: string): () => boolean {
  const identity = () => {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat && `${stat.dev} ${stat.ino}`;
  };
  const own = identity();
  return () => own !== undefined && identity() === own;
}

/** Gives what removes the name later, unless it is another's by then. */
export function nameRemover(path: string): () => void {
  if (isAbstract(path)) return () => {};
  const isOwn = watchName(path);
  return () => {
    if (!isOwn()) return;
    try {
      unlinkSync(path);
    } catch {
      // It was removed before, or the folder was closed to this user.
    }
  };
}

/**
 * The abstract name that stands for a port while an arbiter has it. A group of
 * SO_REUSEPORT refuses another server only once it listens: a second arbiter
 * that starts while the first one boots would share the port unseen. Undefined
 * for any free port, and where there are no abstract names.
 */
export function portName(host: string, port: number): string | undefined {
  if (port === 0 || process.platform !== "linux") return undefined;
  return systemName(`@corn ${host}:${port}`);
}
