/** The names of unix sockets: files with an owner and a mode, or abstract names, see unix(7). */
import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import process from "node:process";
import type { UnixAccess } from "../../../src/runtime/runtime.ts";
import { attempt } from "../../../src/base/attempt.ts";
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
  /** Sets an open socket's owner and gives it its path, in place of whatever is there. @throws the system's error */
  publish(): void;
  /** The same, but a name that a server has stays its own, also where two ask for one at the same time; `answers` tells whether one is there. @throws the system's error, EADDRINUSE where it is taken */
  publishAlone(answers: () => Promise<boolean>): Promise<void>;
}

/**
 * How a worker opens a unix socket of its own: under another name first. So its
 * owner and mode are right before a client can connect, and it takes the name
 * over from a worker that still serves. An abstract name has none of it.
 */
export function ownName(path: string, access: UnixAccess): OwnName {
  if (isAbstract(path)) {
    return {
      path: systemName(path),
      bind: (run) => run(),
      publish() {},
      publishAlone: () => Promise.resolve(),
    };
  }
  const own = unknownName(path);
  return {
    path: own,
    bind: (run) => withMode(own, access, run),
    publish() {
      setOwner(own, access);
      renameSync(own, path);
    },
    async publishAlone(answers) {
      setOwner(own, access);
      for (let tries = 0; tries < 3; tries++) {
        if (linkTo(own, path)) return unlinkSync(own);
        const isSame = watchName(path);
        if (isOther(path) || await answers() || !removeWhere(path, isSame)) {
          break;
        }
      }
      unlinkSync(own);
      throw Object.assign(new Error(`listen EADDRINUSE: ${path}`), {
        code: "EADDRINUSE",
        syscall: "listen",
      });
    },
  };
}

/** Gives a file a second name; false where that is in use. Of two processes only one is given it. @throws the system's error */
function linkTo(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** True where a file that is no socket stands there. */
function isOther(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false;
}

/**
 * Removes what nothing answers at; false where another process was sooner to
 * take its place, whose file gets its name back.
 */
function removeWhere(path: string, isSame: (path: string) => boolean): boolean {
  const aside = unknownName(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    // Another process has just removed it, too.
    if ((error as { code?: string }).code === "ENOENT") return true;
    throw error;
  }
  const same = isSame(aside);
  if (!same) linkTo(aside, path);
  unlinkSync(aside);
  return same;
}

/** Tells later whether what stands at the path, or at another one, is what stands at the path now. */
export function watchName(path: string): (at?: string) => boolean {
  const identity = (at: string) => {
    // Its folder may be a file by then, or closed to this user.
    const stat = attempt(() =>
      lstatSync(at, { bigint: true, throwIfNoEntry: false })
    );
    return stat && `${stat.dev} ${stat.ino}`;
  };
  const own = identity(path);
  return (at = path) => own !== undefined && identity(at) === own;
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
