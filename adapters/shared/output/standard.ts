/**
 * Standard output and standard error. Their O_NONBLOCK belongs to the open file
 * description, which is shared with the shell, with siblings and with whatever
 * they start: each of these may set it, and take it away. So corn sets it on a
 * description of its own where the system lets it open one, and elsewhere asks
 * anew for each write.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { isatty } from "node:tty";
import type { Closeable, TextSink } from "../../../src/runtime/runtime.ts";
import { writeAll } from "./append.ts";
import { Outflow, PIPE_PIECE } from "./outflow.ts";
import type { WriteSome } from "./outflow.ts";

/** What a descriptor leads to, as far as it matters here. */
export type OutputKind = "pipe" | "socket" | "terminal";

/** How a runtime writes without waiting. */
export interface OutputWays {
  /** Opens what a path names. @throws the system's error */
  open(path: string, flags: number): number;
  /** Writes to a descriptor that has O_NONBLOCK; 0 where there is no room. @throws the system's error */
  write(descriptor: number, bytes: Uint8Array): number;
  /** The same for a descriptor that others share. */
  writeShared(
    descriptor: number,
    bytes: Uint8Array,
    kind: OutputKind,
  ): number;
  /** Calls `run` once a pipe has no reader any more; until closed. Left out where nothing tells that before a write. */
  watchReader?(descriptor: number, run: () => void): Closeable;
}

/** O_NOCTTY: a terminal that is opened becomes no process's controlling terminal. */
const OWN = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK |
  constants.O_NOCTTY;

/** What one of them leads to. */
type Output =
  & Pick<Outflow, "write" | "abandon" | "gone">
  & Pick<TextSink, "failed">;

/** A stream of this process's own, by its number. */
export function standardSink(descriptor: 1 | 2, ways: OutputWays): TextSink {
  const encoder = new TextEncoder();
  let sink: Output;
  let terminal: boolean | undefined;
  return {
    // By isatty(3): on Node, `process.stdout` sets O_NONBLOCK for all that share it.
    get terminal() {
      return terminal ??= isatty(descriptor);
    },
    get gone() {
      return sink?.gone ?? false;
    },
    get failed() {
      return sink?.failed ?? false;
    },
    whenGone(run) {
      const watching = kindOf(descriptor) === "pipe"
        ? ways.watchReader?.(descriptor, run)
        : undefined;
      return { close: () => watching?.close() };
    },
    write(text) {
      sink ??= openStandard(descriptor, ways);
      return sink.write(encoder.encode(text));
    },
    abandon: () => sink?.abandon() ?? 0,
  };
}

function openStandard(descriptor: number, ways: OutputWays): Output {
  const kind = kindOf(descriptor);
  if (kind === undefined) {
    let failed = false;
    return {
      write(bytes: Uint8Array) {
        const taken = writeAll(descriptor, bytes);
        failed ||= !taken;
        return taken;
      },
      abandon: () => 0,
      gone: false,
      get failed() {
        return failed;
      },
    };
  }
  return new Outflow(writerOf(descriptor, kind, ways), {
    ...(kind === "pipe" && { piece: PIPE_PIECE }),
  });
}

/** Undefined for what never waits for a reader, such as a file. */
function kindOf(descriptor: number): OutputKind | undefined {
  let stat: Stats;
  try {
    stat = fstatSync(descriptor);
  } catch {
    return undefined; // It was closed before corn started.
  }
  if (stat.isFIFO()) return "pipe";
  if (stat.isSocket()) return "socket";
  return isatty(descriptor) ? "terminal" : undefined;
}

function writerOf(
  descriptor: number,
  kind: OutputKind,
  ways: OutputWays,
): WriteSome {
  try {
    const own = openOwn(descriptor, kind, ways);
    return (bytes) => ways.write(own, bytes);
  } catch {
    // A socket, a pipe of another user's, no /proc, or no reader now.
    return (bytes) => ways.writeShared(descriptor, bytes, kind);
  }
}

/** @throws where there is no way to one */
function openOwn(descriptor: number, kind: OutputKind, ways: OutputWays) {
  try {
    return openAnew(descriptor, OWN, ways);
  } catch (error) {
    // A process that became another user, as by su, may not open the terminal of
    // the first; any may open that of its session by this name, see tty(4).
    if (kind === "terminal" && isOfSession(descriptor)) {
      return ways.open("/dev/tty", OWN);
    }
    throw error;
  }
}

/** Whether a terminal is the one that controls this process, by `tty_nr` of proc_pid_stat(5). */
function isOfSession(descriptor: number): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // After the name in parentheses: state, parent, group, session, terminal.
  const [, , , , terminal] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(terminal) === fstatSync(descriptor).rdev;
}

/** What a descriptor leads to, with an open file description of its own. On systems without /proc it is none: /dev/fd gives the shared one. */
function openAnew(
  descriptor: number,
  flags: number,
  { open }: Pick<OutputWays, "open">,
): number {
  return open(`/proc/self/fd/${descriptor}`, flags);
}

/**
 * Opens a pipe that this process prints to anew for a child, so that the child
 * is alone with its O_NONBLOCK: Node's processes set it, and console.log() of
 * Deno 2.9.5 throws where it is set and the pipe is full (NODE-SHARED-NONBLOCK,
 * DENO-CONSOLE-WAITS). Undefined where the
 * child is to inherit what there is.
 */
export function openForChild(
  descriptor: 1 | 2,
  ways: Pick<OutputWays, "open">,
): number | undefined {
  if (kindOf(descriptor) !== "pipe") return undefined;
  let both: number | undefined;
  try {
    // Opening a pipe for writing alone waits for a reader; this counts as one.
    both = openAnew(descriptor, constants.O_RDWR, ways);
    return openAnew(descriptor, constants.O_WRONLY | constants.O_APPEND, ways);
  } catch {
    return undefined;
  } finally {
    if (both !== undefined) closeSync(both);
  }
}

/** By `node:fs`. */
export const openByFs: OutputWays["open"] = (path, flags) =>
  openSync(path, flags);
