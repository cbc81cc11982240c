/** What is seen of a worker from outside while it is silent. */
import {
  markText,
  readFlightRecord,
  RECORD_BYTES,
} from "../../exchange/flight-record.ts";
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { ForeignMemory, Runtime } from "../../runtime/runtime.ts";
import {
  readWatchRecord,
  WATCH_BYTES,
  watchMark,
} from "../../exchange/watch-record.ts";
import { readLook } from "../../protocol/look.ts";
import { lookByDebugger } from "./debugger-look.ts";
import type { Look } from "../../protocol/look.ts";
import type { Sight } from "../../exchange/sight.ts";

/** One silence. */
interface Silence {
  /** What the record said at the last look that found it. */
  last: FlightRecord | undefined;
  /** True once a look did not find it. */
  missed: boolean;
  sight: Sight;
  /** What it said of itself. */
  look: Look | undefined;
  /** Looks that have not ended. */
  pending: Promise<unknown>;
}

const NOTHING: Sight = { by: undefined, waiting: [], frames: [] };

function newSilence(): Silence {
  return {
    last: undefined,
    missed: false,
    sight: NOTHING,
    look: undefined,
    pending: Promise.resolve(),
  };
}

/** So far apart are two looks at least. */
const APART_MS = 50;
/** And this much more where one looks twice, as an earlier one found nothing or another request. */
const MORE_APART_MS = 200;

export interface ExaminationOptions {
  readonly runtime: Pick<Runtime, "clock" | "converse" | "findInMemory">;
  /** The mark of its flight record. */
  readonly mark: Uint8Array;
}

/** The looks at one worker. */
export class Examination {
  readonly #options: ExaminationOptions;
  /** Where its flight record is, once it was looked for. */
  #record: ForeignMemory | undefined;
  /** Where a debugger attaches to it; undefined where none may. */
  debuggerUrl: string | undefined;
  /** True where it watches its event loop itself. */
  watched = false;
  /** Where what it sees then is, once that was looked for. */
  #watch: ForeignMemory | undefined;
  #silence: Silence | undefined;
  #past: Silence | undefined;

  constructor(options: ExaminationOptions) {
    this.#options = options;
  }

  /** The mark as the worker is told it. */
  get mark(): string {
    return markText(this.#options.mark);
  }

  /** What its flight record says now; undefined where it was not looked for or cannot be read. */
  get flight(): FlightRecord | undefined {
    return readFlightRecord(this.#record?.read(RECORD_BYTES));
  }

  /** The same, looked for where it was not. */
  async findFlight(pid: number): Promise<FlightRecord | undefined> {
    const { runtime, mark } = this.#options;
    this.#record ??= await runtime.findInMemory(pid, mark);
    return this.flight;
  }

  /** What it said of itself in the silence that goes on. */
  get current(): Look | undefined {
    if (this.#silence === undefined) return undefined;
    const look = this.#silence.look ??
      readLook(readWatchRecord(this.#watch?.read(WATCH_BYTES)));
    const { begun } = this.flight ?? {};
    // It may have gone on to another request since.
    return begun === undefined || begun === look?.begun ? look : undefined;
  }

  /** Looks at a worker that is silent; at where it stands where `stack` is true. */
  look(pid: number, stack: boolean): void {
    const silence = this.#silence ??= newSilence();
    silence.pending = Promise.all([
      silence.pending.then(() => this.#readRecord(pid, silence)),
      stack && silence.pending.then(() => this.#ask(pid, silence)),
    ]);
  }

  /** It beats again, and may tell what it saw of itself: what was seen is kept until the next silence that is looked into. */
  heard(look?: Look): void {
    if (this.#silence === undefined && look === undefined) return;
    const silence = this.#silence ?? newSilence();
    silence.look = look ?? silence.look;
    this.#past = silence;
    this.#silence = undefined;
  }

  /** What was seen in the silence before its last beat, once all looks have ended. */
  async past(): Promise<Sight> {
    const past = this.#past;
    await past?.pending;
    if (past === undefined) return NOTHING;
    const { sight, look } = past;
    const by = sight.by ?? look?.by;
    return { ...sight, by, frames: look?.frames ?? [] };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) =>
      this.#options.runtime.clock.after(ms, resolve)
    );
  }

  /** Looks at a worker that is silent now, twice. */
  async lookNow(pid: number): Promise<Sight> {
    this.look(pid, false);
    this.look(pid, true);
    const silence = this.#silence;
    await silence?.pending;
    if (silence === undefined) return NOTHING;
    const { sight } = silence;
    const look = silence === this.#silence ? this.current : silence.look;
    return {
      ...sight,
      by: sight.by ?? look?.by,
      frames: look?.frames ?? [],
    };
  }

  async #readRecord(
    pid: number,
    silence: Silence,
    again: boolean = false,
  ): Promise<void> {
    const { runtime, mark } = this.#options;
    this.#record ??= await runtime.findInMemory(pid, mark);
    const { last, missed } = silence;
    // The search for it may have taken until now.
    if (last !== undefined) await this.#wait(APART_MS);
    // It may be at work again.
    if (this.#silence !== silence) return;
    const now = this.flight;
    if (now === undefined) {
      silence.missed = true;
      return;
    }
    silence.last = now;
    // Between two looks it may have gone from one request to another.
    const met = last?.begun === now.begun;
    const by = met ? now.atWork : undefined;
    silence.sight = { ...NOTHING, by, waiting: now.waiting };
    // What has begun since an earlier look may block from now on.
    if (met || again || (last === undefined && !missed)) return;
    await this.#wait(MORE_APART_MS);
    await this.#readRecord(pid, silence, true);
  }

  /** Asks the worker itself, or what watches it in its process. */
  async #ask(pid: number, silence: Silence): Promise<void> {
    const { debuggerUrl } = this;
    const { runtime, mark } = this.#options;
    if (this.#silence !== silence) return;
    if (debuggerUrl !== undefined) {
      const look = await lookByDebugger(debuggerUrl, runtime);
      silence.look = look ?? silence.look;
    } else if (this.watched) {
      this.#watch ??= await runtime.findInMemory(pid, watchMark(mark));
    }
  }
}
