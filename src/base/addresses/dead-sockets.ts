/** What is left of unix sockets whose processes were killed. */
import { namesIn } from "../attempt.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** Which names in a folder are sockets' and whose. */
export interface SocketNames {
  /** Matches their names, with the process as its first group. */
  readonly pattern: RegExp;
  /** The socket that a file stands for, where it is none itself; undefined where it tells of none. */
  socketOf?(file: string): string | undefined;
}

/** Removes sockets in a folder whose processes are gone. A process of another container is not seen here, and answers. */
export async function removeDeadSockets(
  folder: string,
  { pattern, socketOf = (file) => file }: SocketNames,
  { answers, files, signals }: Pick<Runtime, "answers" | "files" | "signals">,
): Promise<void> {
  for (const name of namesIn(folder, files)) {
    const [, pid] = pattern.exec(name) ?? [];
    if (pid === undefined || signals.exists(Number(pid))) continue;
    const file = `${folder}/${name}`;
    const path = socketOf(file);
    if (path !== undefined && await answers({ kind: "unix", path })) continue;
    try {
      files.remove(file);
    } catch {
      // Another user's: it is the owner's to remove.
    }
  }
}
