/** How many connections wait in listening sockets, from /proc/net/tcp (proc(5)). */
import { Buffer } from "node:buffer";
import { openSync, readSync } from "node:fs";
import type { QueueGauge } from "../../src/runtime/runtime.ts";
import { socketInode } from "./proc.ts";

/** The state TCP_LISTEN in the tables. */
const TCP_LISTEN = "0A";

/** A row of the table of IPv4; those of IPv6 are longer. */
const ROW_BYTES = 150;
const PAGE_BYTES = 4096;
/** Listening sockets come first in the table: so many bytes of them are looked through. */
const MOST_BYTES = 64 * 1024;

/** A table that is held open: each read from its start makes the kernel write it anew. */
interface Table {
  readonly descriptor: number;
  /** What had to be read the last time: the kernel writes no more than is asked for. */
  bytes: number;
}

/** The tables, open for all gauges and as long as the process; none where the system does not tell. */
let opened: readonly Table[] | undefined;

function openTables(): readonly Table[] {
  const tables: Table[] = [];
  for (const name of ["tcp", "tcp6"]) {
    try {
      const descriptor = openSync(`/proc/self/net/${name}`, "r");
      tables.push({ descriptor, bytes: PAGE_BYTES });
    } catch {
      // No /proc, or none that may be read, or a kernel without IPv6.
    }
  }
  return tables;
}

/** Watches sockets; the gauge knows nothing where there are no tables. */
export function gauge(descriptors: readonly number[]): QueueGauge {
  const inodes = descriptors.map((one) => socketInode(one) ?? "");
  const tables = opened ??= openTables();
  let closed = false;
  return {
    read() {
      if (closed || tables.length === 0) return undefined;
      const waiting = new Map<string, number>();
      for (const table of tables) {
        if (waiting.size < inodes.length) readTable(table, inodes, waiting);
      }
      // A socket that does not listen yet is in no table.
      return inodes.map((inode) => waiting.get(inode) ?? 0);
    },
    close() {
      closed = true;
    },
  };
}

/** Reads the rows of listening sockets until all inodes are found. */
function readTable(
  table: Table,
  inodes: readonly string[],
  waiting: Map<string, number>,
): void {
  let offset = 0;
  let rest = "";
  let needed = 0;
  for (let more = true; more && offset < MOST_BYTES;) {
    const size = offset === 0 ? table.bytes : PAGE_BYTES;
    const chunk = Buffer.allocUnsafe(size);
    const count = readSync(table.descriptor, chunk, 0, size, offset);
    if (count === 0) break;
    offset += count;
    const rows = (rest + chunk.toString("latin1", 0, count)).split("\n");
    rest = rows.pop() ?? "";
    for (const row of rows) {
      needed += row.length + 1;
      more = readRow(row, inodes, waiting);
      if (!more) break;
    }
  }
  table.bytes = Math.max(ROW_BYTES, needed);
}

/** Takes a row in; false where no row after it matters. */
function readRow(
  row: string,
  inodes: readonly string[],
  waiting: Map<string, number>,
): boolean {
  const fields = row.trim().split(/\s+/);
  const [, , , state, queues = ""] = fields;
  if (state === "st") return true;
  if (state !== TCP_LISTEN) return false;
  const inode = fields[9] ?? "";
  if (inodes.includes(inode)) {
    waiting.set(inode, parseInt(queues.slice(queues.indexOf(":") + 1), 16));
  }
  return waiting.size < inodes.length;
}
