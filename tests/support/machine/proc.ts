/** What Linux says of processes and sockets, read from /proc (see proc(5)). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** A living process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** One letter; Z is a zombie. */
  readonly state: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It has just ended, or is another user's.
  }
}

/** Every process there is, by its number; without the kernel's own threads, which are more than half of them and nobody's. */
function pids(): number[] {
  // Where this is a namespace of its own, its second process may be anybody.
  const kernels = read("/proc/2/comm") === "kthreadd\n"
    ? new Set(read("/proc/2/task/2/children").split(" "))
    : new Set();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !kernels.has(name))
    .map(Number);
}

/** A process, or nothing where it is gone. */
function factsOf(pid: number): ProcessFacts | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === undefined || parent === undefined
    ? undefined
    : { pid, parent: Number(parent), state };
}

/** Every process there is, without the kernel's threads. */
export function processes(): ProcessFacts[] {
  return pids().flatMap((pid) => factsOf(pid) ?? []);
}

/** What the kernel lists a thread's children in; not every kernel has it. */
const LISTED = existsSync("/proc/thread-self/children");

/** All children of a process in the order of their numbers, zombies too. */
function offspring(pid: number): ProcessFacts[] {
  if (!LISTED) return processes().filter(({ parent }) => parent === pid);
  // The kernel may leave one out while another is reaped: two lists must agree.
  let list: string;
  let again = listed(pid);
  do {
    list = again;
    again = listed(pid);
  } while (again !== list);
  return list.split(" ").filter((text) => text !== "").map(Number)
    .sort((one, other) => one - other)
    .flatMap((child) => factsOf(child) ?? [])
    .filter(({ parent }) => parent === pid);
}

/** The numbers of the children of all of a process's threads. */
function listed(pid: number): string {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return ""; // It has ended.
  }
  return threads.map((one) => read(`/proc/${pid}/task/${one}/children`))
    .join("");
}

/** Living children of a process, without zombies; a list of all processes takes twenty times as long. */
export function childrenOf(pid: number): number[] {
  return offspring(pid).filter(({ state }) => state !== "Z")
    .map((one) => one.pid);
}

/** The process that a living one was started by, or that took it over. */
export function parentOf(pid: number): number {
  const found = factsOf(pid);
  if (found === undefined) throw new Error(`There is no process ${pid}`);
  return found.parent;
}

/** Children of a process that ended and were not reaped. */
export function zombiesOf(pid: number): number[] {
  return offspring(pid).filter(({ state }) => state === "Z")
    .map((one) => one.pid);
}

/** Processes whose environment at their start held `text`. */
export function markedWith(text: string): number[] {
  return pids().filter((pid) => read(`/proc/${pid}/environ`).includes(text));
}

/** The command line of a process. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** True when a process exists and is no zombie. */
export function alive(pid: number): boolean {
  const found = factsOf(pid);
  return found !== undefined && found.state !== "Z";
}

/** Signals a process, unless it has ended: its end is heard of a little later than it comes. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Milliseconds of processor time that a process has had, user's and system's. */
export function cpuMsOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks of USER_HZ, which is 100.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How many descriptors a process holds. */
export function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many sockets listen on a TCP port, IPv4 and IPv6. */
export function countListeners(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    read(path).split("\n")
  ).filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === "0A" && local?.endsWith(suffix);
  }).length;
}

/** Milliseconds that the main thread of a process was ready to run and had to wait for a processor. */
export function waitedFor(pid: number): number {
  const [, nanoseconds] = read(`/proc/${pid}/schedstat`).split(" ");
  return Number(nanoseconds ?? 0) / 1e6;
}

/** TCP connections of a port whose client has ended its side, as the kernel lists them (CLOSE_WAIT is 8). */
export function closeWaits(port: number): number {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8").split("\n").filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(hex) === true && state === "08";
  }).length;
}
