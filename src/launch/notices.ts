/** What the log says at the start. */
import type { Generation } from "../arbiter/generations/generation.ts";
import { countOf } from "../base/count.ts";
import { folderOf } from "../base/path.ts";
import { maskSecrets } from "../base/secrets.ts";
import type { Config } from "../config/table/types.ts";
import type { Logger } from "../log/error/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { VERSION } from "../base/version.ts";

/** `corn 0.1.0 on node 24.21.0 starts 2 workers for app.ts`; with a range `2 workers (up to 8)`. */
export function startText(
  { release: { runtime, app }, workers, most }: Generation,
  { name, version }: Runtime,
): string {
  const own = runtime === name ? "" : ` on ${runtime}`;
  const more = most > workers ? ` (up to ${most})` : "";
  const many = countOf(workers, "worker") + more;
  return `corn ${VERSION} on ${name} ${version} starts ${many}${own} for ${
    maskSecrets(app.text)
  }`;
}

/** Settings that do nothing alone, as with Gunicorn, which does not say so. */
export function warnOfIgnored(
  { settings, origins }: Config,
  log: Logger,
): void {
  const { logSyslog, enableBacklogMetric, statsdHost, workers } = settings;
  const say = (name: string, why: string) =>
    log.warning(`${name} from ${origins[name]} ignored: ${why}`);
  if (!logSyslog && origins.logSyslogTo !== "default") {
    say("logSyslogTo", "logSyslog is off");
  }
  if (enableBacklogMetric && statsdHost === undefined) {
    say("enableBacklogMetric", "there is no statsdHost");
  }
  if (typeof workers !== "object" && origins.shrinkAfter !== "default") {
    say("shrinkAfter", "workers is no range");
  }
}

/** Warns where no load balancer that asks for /ready will send anything. */
export function warnOfReady(
  { settings, origins }: Pick<Config, "settings" | "origins">,
  log: Pick<Logger, "warning">,
): void {
  const { workers, readyWorkers } = settings;
  const most = typeof workers === "object" ? workers.max : workers;
  if (most === "auto" || readyWorkers <= most) return;
  log.warning(
    `readyWorkers ${readyWorkers} from ${origins.readyWorkers}: /ready says 503 as long as there are at most ${
      countOf(most, "worker")
    }, by ${origins.workers}`,
  );
}

/**
 * Warns of a config file that others may change: corn runs what stands in it
 * as root. It is run all the same, for in containers such files are common.
 */
export function warnOfOwner(
  { file }: Pick<Config, "file">,
  { self, files }: Pick<Runtime, "self" | "files">,
  log: Pick<Logger, "warning">,
): void {
  if (file === undefined || self.uid !== 0) return;
  for (const [what, path] of [["", file], ["the folder of ", folderOf(file)]]) {
    const owner = files.ownerOf(path as string);
    const who = owner && ownedBy(owner, what !== "");
    if (who === undefined) continue;
    return log.warning(
      `Config file ${file} is run as root, and ${what}it is ${who}: give it to root, and to nobody else to write`,
    );
  }
}

const STICKY = 0o1000;

function ownedBy(
  { uid, gid, mode }: NonNullable<ReturnType<Runtime["files"]["ownerOf"]>>,
  isFolder: boolean,
): string | undefined {
  if (uid !== 0) return `user ${uid}'s`;
  // In a sticky folder users remove only what is their own, see inode(7).
  if (isFolder && (mode & STICKY) !== 0) return undefined;
  if ((mode & 0o002) !== 0) return "everybody's to write";
  return (mode & 0o020) !== 0 && gid !== 0
    ? `group ${gid}'s to write`
    : undefined;
}
