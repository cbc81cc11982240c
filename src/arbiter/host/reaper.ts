/** As PID 1, corn inherits processes whose parents died, and must wait for them. */
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Closeable, Files, Runtime } from "../../runtime/runtime.ts";

/** Reaps strangers' zombies as long as this process is PID 1, until closed. */
export function reapStrangers(
  runtime: Runtime,
  log: Pick<Logger, "info" | "debug">,
): Closeable {
  const { self, signals, files, reap } = runtime;
  if (self.pid !== 1) return { close() {} };
  if (reap === undefined) {
    log.info(
      `corn is PID 1 and ${runtime.name} cannot reap processes that are not its own: start the container with --init if the app leaves any behind`,
    );
    return { close() {} };
  }
  return signals.on("SIGCHLD", () => {
    try {
      for (const pid of findZombies(files, self.pid)) {
        if (reap(pid)) log.debug(`Reaped pid ${pid}`);
      }
    } catch (error) {
      // The next one that ends brings the next look.
      log.debug(`Cannot look for zombies: ${messageOf(error)}`);
    }
  });
}

/** The zombies whose parent is `parent`, from /proc/PID/stat, see proc(5). */
function findZombies(files: Files, parent: number): number[] {
  return files.list("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => {
      try {
        const stat = files.readText(`/proc/${pid}/stat`) ?? "";
        // The name in parentheses may hold anything, spaces and parentheses too.
        const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return state === "Z" && Number(ppid) === parent;
      } catch {
        return false; // It is gone by now.
      }
    });
}
