/** Where the control socket is. */
import type { Config } from "../config/table/types.ts";
import type { Runtime, Self } from "../runtime/runtime.ts";

/** The socket of a process in a folder. */
export function socketIn(folder: string, pid: number): string {
  return `${folder}/${pid}.sock`;
}

/** The folder of sockets without a configured path: the service's own, the user's own, or one in /tmp. */
export function defaultFolder(
  { uid }: Pick<Self, "uid">,
  { RUNTIME_DIRECTORY = "", XDG_RUNTIME_DIR = "" }: Readonly<
    Record<string, string>
  >,
): string {
  // systemd may give several, see RuntimeDirectory= in systemd.exec(5).
  const [service = ""] = RUNTIME_DIRECTORY.split(":");
  if (service.startsWith("/")) return service;
  return XDG_RUNTIME_DIR.startsWith("/")
    ? `${XDG_RUNTIME_DIR}/corn`
    : temporaryFolder(uid);
}

/** The folder of a user in /tmp. */
export function temporaryFolder(uid: number): string {
  return `/tmp/corn-${uid}`;
}

/** Prepares it. @throws an Error where another user could have put something there */
export function prepareDefaultFolder(
  { files, self }: Pick<Runtime, "files" | "self">,
): string {
  const env = self.env();
  const folder = defaultFolder(self, env);
  const own = !(env.RUNTIME_DIRECTORY ?? "").startsWith(folder);
  prepareFolder(folder, { files, self, own });
  return folder;
}

/** What the settings say of the socket; undefined where there is to be none. */
export interface Wish {
  /** Undefined for the default. */
  readonly path: string | undefined;
  /** True where a start must fail without it. */
  readonly asked: boolean;
}

export function wishOf({ settings, origins }: Config): Wish | undefined {
  const { control } = settings;
  if (control === "off") return undefined;
  return {
    path: control === "on" ? undefined : control,
    asked: origins.control !== "default",
  };
}

const OPEN_TO_OTHERS = 0o077;

/**
 * Makes the folder where it is not there, for its user alone. A service
 * manager's may be readable for other users; a socket of mode 0600 is not.
 *
 * @throws an Error where another user could have put something there
 */
function prepareFolder(
  folder: string,
  { files, self, own }: Pick<Runtime, "files" | "self"> & {
    /** True where it is corn's own, and no service manager's. */
    readonly own: boolean;
  },
): void {
  files.makePrivate(folder, { uid: self.uid, gid: -1 });
  const { uid, mode } = files.ownerOf(folder) ?? { uid: -1, mode: 0 };
  if (uid !== self.uid) throw new Error(`"${folder}" belongs to user ${uid}`);
  if (own && (mode & OPEN_TO_OTHERS) !== 0) {
    throw new Error(`"${folder}" is open to others than user ${uid}`);
  }
}
