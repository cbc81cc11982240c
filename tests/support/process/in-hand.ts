/** What a worker had in hand when it was killed, and which failures that explains. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import type { Failure } from "../load/load.ts";
import { until } from "../wait.ts";

/** A worker that was killed. */
export interface Death {
  readonly pid: number;
  /** When it was stopped, and when it was killed: milliseconds since 1970. */
  readonly at: number;
  readonly killedAt: number;
  /** Clients' ports of the connections that it had accepted. */
  readonly ports: ReadonlySet<number>;
}

/** How long after a death a client may notice it. */
const NOTICE_MS = 2000;

/** Clients' ports of the TCP connections that a process has accepted; one that waits in a queue is nobody's yet. */
export function acceptedBy(pid: number): Set<number> {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((descriptor) =>
      /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1]
    ),
  );
  const ports = new Set<number>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const row of readFileSync(table, "utf8").split("\n").slice(1)) {
      const fields = row.trim().split(/\s+/);
      if (!sockets.has(fields[9])) continue;
      ports.add(parseInt(fields[2]?.split(":")[1] ?? "", 16));
    }
  }
  return ports;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // It has just been closed.
  }
}

/** True when no thread of a process runs. */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    return /^ [tT]/.test(stat.slice(stat.lastIndexOf(")") + 1));
  });
}

/**
 * Kills a worker with SIGKILL. It is stopped first, for as long as it takes to
 * look at what it has accepted: what comes meanwhile waits in the queue.
 */
export async function killWorker(pid: number): Promise<Death> {
  const at = Date.now();
  process.kill(pid, "SIGSTOP");
  let ports: ReadonlySet<number>;
  try {
    await until(`worker ${pid} to stand still`, () => isStopped(pid));
    ports = acceptedBy(pid);
  } finally {
    process.kill(pid, "SIGKILL");
  }
  // A busy machine takes seconds to look.
  return { pid, at, killedAt: Date.now(), ports };
}

/** True for a failure as a killed process's connections meet: cut off, neither refused nor late. */
export function isCut({ reason }: Failure): boolean {
  return /ECONNRESET|EPIPE|ended early/.test(reason);
}

/** True for a failure on a connection that a killed worker had in hand. */
export function wasInHand(failure: Failure, deaths: readonly Death[]): boolean {
  const { port, at } = failure;
  return port !== undefined && isCut(failure) &&
    deaths.some((death) =>
      death.ports.has(port) && at >= death.at && at < death.killedAt + NOTICE_MS
    );
}
