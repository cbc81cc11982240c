/** What Linux tells of processes, see proc(5). */
import { readdirSync, readFileSync } from "node:fs";

/** Bytes of memory of one process. */
export interface Memory {
  /** Resident, shared pages counted in full. */
  readonly rss: number;
  /** Resident, shared pages divided by the processes that share them. */
  readonly pss: number;
  /** Written by it, and no other process's: what it alone costs. */
  readonly own: number;
}

/** Clock ticks a second; always 100 on Linux's own interfaces. */
const TICKS = 100;

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // The process is gone.
  }
}

/** The fields of /proc/PID/stat from the third on, which follow the name in brackets. */
function stat(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The processes of a process group, the oldest first. */
export function groupMembers(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [state, , pgrp] = stat(pid);
      return Number(pgrp) === group && state !== "Z";
    })
    .sort((a, b) => a - b);
}

/** Milliseconds of processor time that a process has used, its threads included. */
export function cpuMs(pid: number): number {
  const fields = stat(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000 / TICKS;
}

/** Adds up a figure of each thread, of a file in its folder; those that have ended are not counted. */
function overThreads(
  pid: number,
  file: string,
  figureOf: (text: string) => number,
): number {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0; // The process is gone.
  }
  return threads.reduce(
    (sum, thread) =>
      sum + figureOf(read(`/proc/${pid}/task/${thread}/${file}`)),
    0,
  );
}

/** Milliseconds that a process's threads have run, to the nanosecond. */
export function runMs(pid: number): number {
  return overThreads(pid, "schedstat", (text) => parseInt(text || "0") / 1e6);
}

/** Times that the threads of a process were put to sleep: how often it woke. */
export function sleeps(pid: number): number {
  return overThreads(pid, "status", (text) => {
    const count = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(text)?.[1];
    return Number(count ?? 0);
  });
}

export function memory(pid: number): Memory {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(text)?.[1] ?? 0) *
    1024;
  return {
    rss: bytes("Rss"),
    pss: bytes("Pss"),
    own: bytes("Private_Dirty"),
  };
}
