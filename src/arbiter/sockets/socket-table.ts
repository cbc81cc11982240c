/** What the kernel's tables tell of sockets that listen, see proc(5). */
import type { Files } from "../../runtime/runtime.ts";

/** TCP_LISTEN, the state of a listening socket in the tables of TCP. */
const TCP_LISTEN = "0A";
/** The flag of a listening socket in the table of unix sockets. */
const UNIX_LISTENS = "00010000";

export interface ListeningTcp {
  readonly inode: string;
  /** Address and port, as the kernel writes them. */
  readonly host: string;
  readonly port: string;
}

/** SS_UNCONNECTED, the state of one that is bound, whether it listens or not yet. */
const UNIX_UNCONNECTED = "01";

export interface NamedUnix {
  readonly inode: string;
  readonly path: string;
}

/** Those that listen over TCP, of both families. @throws where the tables may not be read */
export function* listeningTcp(files: Files): Generator<ListeningTcp> {
  for (const name of ["tcp", "tcp6"]) {
    for (const fields of rows(name, files)) {
      const [, local = "", , state] = fields;
      const inode = fields[9];
      if (state !== TCP_LISTEN || inode === undefined) continue;
      const [host = "", port = ""] = local.split(":");
      yield { inode, host, port };
    }
  }
}

/** Unix sockets that listen. @throws where the table may not be read */
export function listeningUnix(files: Files): Generator<NamedUnix> {
  return unixSockets(files, (fields) => fields[3] === UNIX_LISTENS);
}

/** Unix sockets that have a name, and are no connections. @throws where the table may not be read */
export function boundUnix(files: Files): Generator<NamedUnix> {
  return unixSockets(files, (fields) => fields[5] === UNIX_UNCONNECTED);
}

function* unixSockets(
  files: Files,
  counts: (fields: readonly string[]) => boolean,
): Generator<NamedUnix> {
  for (const fields of rows("unix", files)) {
    const inode = fields[6];
    if (inode === undefined || !counts(fields)) continue;
    yield { inode, path: fields.slice(7).join(" ") };
  }
}

/** The inode of the socket that a link below /proc/PID/fd leads to. */
export function inodeOf(link: string): string | undefined {
  return /^socket:\[(\d+)\]$/.exec(link)?.[1];
}

function rows(name: string, files: Files): string[][] {
  const table = files.readText(`/proc/net/${name}`) ?? "";
  return table.split("\n").map((line) => line.trim().split(/\s+/));
}
