/** What around corn makes it do otherwise than its user expects. */
import type { OpenListener } from "../arbiter/sockets/listeners.ts";
import { formatAddress } from "../config/values/address.ts";
import type { Bind } from "../config/values/address.ts";
import type { Config } from "../config/table/types.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { describeUnread } from "./unread.ts";

type Machine = Pick<Runtime, "self" | "files">;

/**
 * Lines for the log, to be written once, at the start. `listeners` are those
 * that are served.
 */
export function describeSurroundings(
  config: Config,
  machine: Machine,
  listeners: readonly Pick<OpenListener, "asked" | "taken">[],
): string[] {
  return [
    ...describeUnread(config, machine),
    ...unreachable(config, machine, listeners),
    ...behindFirst(machine),
  ];
}

/** In a container the loopback is the container's own. */
function unreachable(
  { origins }: Config,
  machine: Machine,
  listeners: readonly Pick<OpenListener, "asked" | "taken">[],
): string[] {
  // What another process opened is its own matter.
  const own = listeners.filter(({ taken }) => !taken);
  const [{ asked } = { asked: undefined }] = own;
  if (asked === undefined || !isLoopback(asked)) return [];
  if (origins.bind !== "default" || !inContainer(machine)) return [];
  return [
    `${
      formatAddress(asked)
    } is reached from within this container alone: set PORT, or give --bind 0.0.0.0:8000`,
  ];
}

function isLoopback(bind: Bind): boolean {
  return bind.kind === "tcp" && /^(127\.|::1$|localhost$)/.test(bind.host);
}

function inContainer({ self, files }: Machine): boolean {
  const { KUBERNETES_SERVICE_HOST, container } = self.env();
  if (KUBERNETES_SERVICE_HOST || container) return true;
  // Docker makes the first, Podman the second.
  if (
    ["/.dockerenv", "/run/.containerenv"].some((path) => stands(path, files))
  ) {
    return true;
  }
  const groups = read("/proc/1/cgroup", files) ?? "";
  return /docker|kubepods|containerd|libpod|lxc/.test(groups);
}

/** Where TERM goes to process 1 and corn is below it, a shell or npm there keeps it from corn. */
function behindFirst({ self, files }: Machine): string[] {
  if (self.stdin.terminal || !isBelowFirst(self.ppid(), files)) return [];
  const name = read("/proc/1/comm", files)?.trim() ?? "";
  if (/^(ba|da|a|k|z)?sh$|^busybox$/.test(name)) {
    const status = read("/proc/1/status", files) ?? "";
    // One with a trap for TERM may pass it on.
    if (caught(status, SIGTERM)) return [];
    return [
      `Process 1 is a shell, ${name}, which passes no TERM on to corn: let it exec corn, as in sh -c "exec corn app.ts"`,
    ];
  }
  // npm names itself after what it does: "npm start", "npm exec".
  if (!/^npm( |$)/.test(name)) return [];
  return [
    "Process 1 is npm, which passes no TERM on to corn: start corn itself, as in node node_modules/corn/bin/corn.js app.ts",
  ];
}

const SIGTERM = 15;

/** How far process 1 may be above: npm starts a shell, and a script may start npm. */
const GENERATIONS = 4;

/** False for what came into the container from outside, whose parent is 0 there. */
function isBelowFirst(parent: number, files: Machine["files"]): boolean {
  let pid = parent;
  for (let step = 0; step < GENERATIONS && pid > 1; step++) {
    const status = read(`/proc/${pid}/status`, files) ?? "";
    pid = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return pid === 1;
}

/** Whether a process has a handler for a signal, see proc_pid_status(5). */
function caught(status: string, signal: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function stands(path: string, files: Machine["files"]): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    return false; // It may not be looked at.
  }
}

function read(path: string, files: Machine["files"]): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined; // It may not be read.
  }
}
