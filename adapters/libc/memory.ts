/** Looks into the memory of a child by /proc, see proc(5): what a blocked process wrote before it blocked. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import process from "node:process";
import type { ForeignMemory } from "../../src/runtime/runtime.ts";
import { setImmediate } from "../shared/originals/originals.ts";

const PAGE = 4096;
/** Pages looked into at a time: the search gives the event loop back between them. */
const PAGES = 512;
/** Bytes of a word; a mark is four of them. */
const WORD = 4;
/** Bytes that `pagemap` has for a page. */
const ENTRY = 8;
/** In the last byte of an entry: the page is in memory (0x80), or swapped out or on its way to another place (0x40). */
const PRESENT = 0xc0;

/** A piece of an address space. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Finds 16 bytes in what a process may write and has no file behind it: heaps.
 * They must stand at a multiple of 16, as an allocation of some size does. Undefined where they are not found, or this process may not look
 * (ptrace(2), Yama, another user's process without CAP_SYS_PTRACE).
 */
export async function findInMemory(
  pid: number,
  mark: Uint8Array,
): Promise<ForeignMemory | undefined> {
  if (process.platform !== "linux") return undefined;
  const opened: number[] = [];
  const open = (name: string) => {
    const descriptor = openSync(`/proc/${pid}/${name}`, "r");
    opened.push(descriptor);
    return descriptor;
  };
  try {
    const memory = open("mem");
    const pagemap = open("pagemap");
    const words = new Int32Array(mark.slice().buffer);
    for (const span of spansOf(pid)) {
      const address = await findInSpan({ memory, pagemap, span, mark: words });
      if (address !== undefined) return memoryAt(pid, address);
    }
    return undefined;
  } catch {
    return undefined; // It is gone, or may not be looked into.
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Reads the same place again; opened anew, so that a descriptor is held no longer than it takes. */
function memoryAt(pid: number, address: number): ForeignMemory {
  return {
    read(size) {
      try {
        const memory = openSync(`/proc/${pid}/mem`, "r");
        try {
          const bytes = new Uint8Array(size);
          const read = readSync(memory, bytes, 0, size, address);
          return read === size ? bytes : undefined;
        } finally {
          closeSync(memory);
        }
      } catch {
        return undefined;
      }
    },
  };
}

/** The writable parts of an address space that have no file behind them, malloc's own heap first. */
function spansOf(pid: number): Span[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "latin1").split("\n");
  const isHeap = (line: string) => line.endsWith("[heap]");
  const heap = lines.filter(isHeap);
  return [...heap, ...lines.filter((line) => !isHeap(line))].flatMap((line) => {
    const [, from, to, inode, name] =
      /^([\da-f]+)-([\da-f]+) rw\S+ \S+ \S+ (\d+)\s*(.*)$/.exec(line) ?? [];
    if (inode !== "0" || /^\[(stack|v)/.test(name ?? "")) return [];
    return [{ from: parseInt(from!, 16), to: parseInt(to!, 16) }];
  });
}

interface Search {
  readonly memory: number;
  readonly pagemap: number;
  readonly span: Span;
  readonly mark: Int32Array;
}

async function findInSpan(
  { memory, pagemap, span, mark }: Search,
): Promise<number | undefined> {
  const entries = new Uint8Array(PAGES * ENTRY);
  const bytes = new Uint8Array(PAGES * PAGE);
  const words = new Int32Array(bytes.buffer);
  for (let at = span.from; at < span.to; at += bytes.length) {
    const pages = Math.min(PAGES, (span.to - at) / PAGE);
    // Most of what a runtime reserves was never touched.
    readSync(pagemap, entries, 0, pages * ENTRY, at / PAGE * ENTRY);
    let looked = false;
    for (const [first, end] of presentRuns(entries, pages)) {
      looked = true;
      const size = (end - first) * PAGE;
      const from = at + first * PAGE;
      const read = readOrNothing(memory, bytes.subarray(0, size), from);
      const found = indexOf(words.subarray(0, read / WORD), mark);
      if (found >= 0) return from + found * WORD;
    }
    if (looked) await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

/** Runs of pages that are in memory, as the first and the one after the last. */
function* presentRuns(
  entries: Uint8Array,
  pages: number,
): Generator<readonly [number, number]> {
  const isPresent = (page: number) =>
    page < pages && (entries[page * ENTRY + ENTRY - 1]! & PRESENT) !== 0;
  for (let page = 0; page < pages; page++) {
    if (!isPresent(page)) continue;
    const first = page;
    while (isPresent(page)) page++;
    yield [first, page];
  }
}

/** Where the mark stands, in words, at a multiple of its length; -1 for nowhere. Deno's own search takes ten times as long (2.9.5, DENO-SEARCH-SLOW). */
function indexOf(words: Int32Array, mark: Int32Array): number {
  const [first, second, third, fourth] = mark;
  for (let at = 0; at < words.length; at += mark.length) {
    if (
      words[at] === first && words[at + 1] === second &&
      words[at + 2] === third && words[at + 3] === fourth
    ) return at;
  }
  return -1;
}

function readOrNothing(
  memory: number,
  bytes: Uint8Array,
  from: number,
): number {
  try {
    return readSync(memory, bytes, 0, bytes.length, from);
  } catch {
    return 0; // A page may be gone by now.
  }
}
