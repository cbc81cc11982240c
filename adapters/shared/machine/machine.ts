/** What Node, Bun and Deno all give through `node:` modules: clock, process, files. */
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import process from "node:process";
import { isatty } from "node:tty";
import type {
  Clock,
  FileKind,
  Files,
  Self,
  Start,
} from "../../../src/runtime/runtime.ts";
import { attempt } from "../../../src/base/attempt.ts";
import { exitByCorn } from "./process-events.ts";
import { createLivedClock } from "./lived-time.ts";
import { createFor, openAppend } from "../output/append.ts";
import { move, readWhole, replaceText } from "../files/safe-files.ts";
import { makePrivate } from "../files/private-folder.ts";
import { follow } from "../files/follow.ts";
import {
  clearTimeout,
  DateTime,
  hrtime,
  now,
  setTimeout,
} from "../originals/originals.ts";
import { standardSink } from "../output/standard.ts";
import type { OutputWays } from "../output/standard.ts";

/** False where the clock's timers do not keep the process alive. */
let clockHolds = true;

/** Leaves it to others to keep this process alive. */
export function letClockGo(): void {
  clockHolds = false;
}

export const clock: Clock = {
  now,
  monotonic: () => Number(hrtime() / 1000n) / 1000,
  date: () => new DateTime(),
  ...createLivedClock({
    now,
    after(ms, run) {
      const timer = setTimeout(run, ms);
      if (!clockHolds) timer.unref();
      return { close: () => clearTimeout(timer) };
    },
  }),
};

/** Undefined also where a folder of the path is a file: Bun 1.4.5 and Deno 2.9.5 throw then (ALL-STAT-ENOTDIR). */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return undefined;
    throw error;
  }
}

export const files: Files = {
  readText(path) {
    try {
      return readWhole(path);
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  },
  replaceText,
  openAppend,
  createFor,
  makePrivate,
  follow,
  kind(path): FileKind | undefined {
    const stat = statOf(path);
    if (stat === undefined) return undefined;
    if (stat.isFile()) return "file";
    if (stat.isDirectory()) return "folder";
    return stat.isSocket() ? "socket" : "other";
  },
  stamp(path) {
    const stat = statOf(path);
    return stat && `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
  },
  ownerOf(path) {
    const stat = statOf(path);
    return stat && { uid: stat.uid, gid: stat.gid, mode: stat.mode & 0o7777 };
  },
  list: (path) => readdirSync(path),
  listFolders: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((one) => one.isDirectory() || one.isSymbolicLink())
      .map(({ name }) => name),
  realPath(path) {
    try {
      return realpathSync(path);
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(code)) return undefined;
      throw error;
    }
  },
  readLink: (path) => readlinkSync(path),
  remove: (path) => rmSync(path, { force: true }),
  removeFolder(path) {
    try {
      rmdirSync(path);
    } catch (error) {
      const { code = "" } = error as { readonly code?: string };
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) throw error;
    }
  },
  rename: (from, to) => renameSync(from, to),
  move,
};

/** Read at once: what a program sets as its title takes the place of its command line. */
const start: Start = { command: ownCommand(), folder: ownFolder() };

/** The command line by proc(5), or what the runtime tells of it. */
function ownCommand(): string[] {
  try {
    const words = readFileSync("/proc/self/cmdline", "utf8").split("\0");
    if (words.length > 1) return words.slice(0, -1);
  } catch {
    // No /proc, or none that may be read.
  }
  const { execPath, execArgv, argv } = process;
  return [execPath, ...execArgv, ...argv.slice(1)];
}

/** `PWD` where it is right: it keeps the link that the folder was entered by. */
function ownFolder(): string {
  const cwd = process.cwd();
  try {
    const { PWD = "" } = process.env;
    return PWD.startsWith("/") && realpathSync(PWD) === cwd ? PWD : cwd;
  } catch {
    return cwd;
  }
}

/** Of memory, where the system does not tell. */
const UNKNOWN = { rss: 0, heapUsed: 0 };

/** This process; `executable` is given by the adapter because the runtimes name it differently. */
export function createSelf(executable: string, ways: OutputWays): Self {
  return {
    pid: process.pid,
    // Deno asks for a permission that a worker need not have.
    get uid() {
      return process.getuid?.() ?? 0;
    },
    hostname() {
      try {
        return hostname();
      } catch {
        // Deno asks for a permission that corn need not have.
        return "";
      }
    },
    ppid: () => process.ppid,
    executable,
    program: process.argv[1] ?? "",
    args: process.argv.slice(2),
    start,
    env: () => ({ ...process.env }) as Record<string, string>,
    setEnv(name, value) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    },
    cwd: () => process.cwd(),
    chdir: (path) => process.chdir(path),
    // Not known where there is no /proc, as in a chroot.
    memory: () => attempt(process.memoryUsage.rss) ?? 0,
    usage() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = attempt(process.memoryUsage) ?? UNKNOWN;
      const cpuMs = (user + system) / 1000;
      return { cpuMs, busyMs: busyTime(), rss, heapUsed };
    },
    processors: () => availableParallelism(),
    stdin: { terminal: isatty(0) },
    stdout: standardSink(1, ways),
    stderr: standardSink(2, ways),
    umask: (mask) => void process.umask(mask),
    setTitle(title) {
      process.title = title;
    },
    exit: exitByCorn,
  };
}

/** Milliseconds that the event loop was at work, which Node alone tells; on Deno it is 0 (2.9.5, DENO-NO-LOOP-TIME). */
function busyTime(): number | undefined {
  const { eventLoopUtilization } = performance as {
    eventLoopUtilization?(): { active: number; idle: number };
  };
  const times = eventLoopUtilization?.call(performance);
  return times && times.active + times.idle > 0 ? times.active : undefined;
}

/** Loads a module; here because a computed import must not stand in `src`. */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(url);
}
