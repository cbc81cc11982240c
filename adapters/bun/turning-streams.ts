/** Streams that yield to the event loop. */
import { OwnPromise } from "../../src/base/promise.ts";
import { now, setImmediate } from "../shared/originals/originals.ts";

/** What a stream is made of, read once, as the stream itself would. */
interface Source {
  readonly type?: unknown;
  readonly autoAllocateChunkSize?: unknown;
  readonly start?: unknown;
  readonly pull?: unknown;
  readonly cancel?: unknown;
}

/** A stream yields once it has pulled for this long in one turn … */
const SLICE_MS = 4;
/** … and more than this many chunks: a short stream need not yield. */
const SLICE_PARTS = 16;

/** The number of the event loop's turn, counted while streams are read. */
let turn = 0;
let counts = true;

/** The chunks that one stream has given in one turn. */
class Slice {
  #turn = -1;
  #began = 0;
  #parts = 0;

  /** Counts a chunk; true where the stream must yield before it. */
  isOver(): boolean {
    if (counts) {
      counts = false;
      turn++;
      setImmediate(() => {
        counts = true;
      });
    }
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#began = now();
      this.#parts = 0;
    }
    return ++this.#parts > SLICE_PARTS && now() - this.#began >= SLICE_MS;
  }
}

/** A function of the source's, which keeps its `this`; what is none as it is, for the stream to refuse. */
function bound(source: object, member: unknown): unknown {
  return typeof member === "function" ? member.bind(source) : member;
}

/** The same source, whose pull() yields to the event loop where it has run for too long. */
function turning(source: Source): Source {
  const { type, autoAllocateChunkSize, start, pull, cancel } = source;
  // A direct one writes by itself.
  if (typeof pull !== "function" || type === "direct") return source;
  const slice = new Slice();
  let over = false;
  const next = (controller: unknown): unknown =>
    over ? undefined : pull.call(source, controller);
  return {
    type,
    autoAllocateChunkSize,
    start: bound(source, start),
    pull(controller: unknown): unknown {
      if (!slice.isOver()) return pull.call(source, controller);
      const later = new OwnPromise<void>((resolve) => setImmediate(resolve));
      return later.then(() => next(controller));
    },
    cancel(reason: unknown): unknown {
      over = true;
      return typeof cancel === "function"
        ? cancel.call(source, reason)
        : undefined;
    },
  };
}

/**
 * Bun's own server asks a stream for its parts in one go as long as the client
 * takes them: nothing else has a turn meanwhile, for a second and more (1.4.5,
 * BUN-STREAM-HOLDS-LOOP). The streams that the app makes wait for a turn of the
 * loop every few milliseconds. Call it before the app is loaded.
 */
export function installTurningStreams(
  globals: { ReadableStream: typeof ReadableStream },
): void {
  const Own = globals.ReadableStream;
  globals.ReadableStream = new Proxy(Own, {
    construct: (target, [source, ...rest], made) =>
      Reflect.construct(
        target,
        typeof source === "object" && source !== null
          ? [turning(source), ...rest]
          : [source, ...rest],
        made,
      ),
  });
  // What compares a stream's class finds the one that the app has.
  Object.defineProperty(Own.prototype, "constructor", {
    value: globals.ReadableStream,
    configurable: true,
    writable: true,
  });
}
