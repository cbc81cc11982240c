/** What is seen of a worker from outside while it is silent. */
import {
  markText,
  readFlightRecord,
  RECORD_BYTES,
} from "../../exchange/flight-record.ts";
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { ForeignMemory, Runtime } from "../../runtime/runtime.ts";
import { lookByDebugger } from "./debugger-look.ts";
import type { Look } from "../../protocol/look.ts";
import type { Sight } from "../pool/report.ts";

/** One silence. */
interface Silence {
  /** What the record said at the first look. */
  first: FlightRecord | undefined;
  sight: Sight;
  /** What it said of itself. */
  look: Look | undefined;
  /** Looks that have not ended. */
  pending: Promise<unknown>;
}

const NOTHING: Sight = { by: undefined, waiting: [], frames: [] };

/** So far apart are two looks at least. */
const APART_MS = 50;

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

  /** What it said of itself in the silence that goes on. */
  get current(): Look | undefined {
    const look = this.#silence?.look;
    const { begun } = this.flight ?? {};
    // It may have gone on to another request since.
    return begun === undefined || begun === look?.begun ? look : undefined;
  }

  /** Looks at a worker that is silent; at where it stands where `stack` is true. */
  look(pid: number, stack: boolean): void {
    const silence = this.#silence ??= {
      first: undefined,
      sight: NOTHING,
      look: undefined,
      pending: Promise.resolve(),
    };
    silence.pending = Promise.all([
      silence.pending.then(() => this.#readRecord(pid, silence)),
      stack && silence.pending.then(() => this.#ask(silence)),
    ]);
  }

  /** It beats again: what was seen is kept until the next silence that is looked into. */
  heard(): void {
    if (this.#silence === undefined) return;
    this.#past = this.#silence;
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

  async #readRecord(pid: number, silence: Silence): Promise<void> {
    const { runtime, mark } = this.#options;
    this.#record ??= await runtime.findInMemory(pid, mark);
    const { first } = silence;
    // The search for it may have taken until now.
    if (first !== undefined) await this.#wait(APART_MS);
    // It may be at work again.
    if (this.#silence !== silence) return;
    const now = this.flight;
    if (now === undefined) return;
    silence.first ??= now;
    // Between two looks it may have gone from one request to another.
    const by = first?.begun === now.begun ? now.atWork : undefined;
    silence.sight = { ...NOTHING, by, waiting: now.waiting };
  }

  /** Asks the worker itself. */
  async #ask(silence: Silence): Promise<void> {
    const { debuggerUrl } = this;
    if (debuggerUrl === undefined || this.#silence !== silence) return;
    const { runtime } = this.#options;
    const look = await lookByDebugger(debuggerUrl, runtime);
    silence.look = look ?? silence.look;
  }
}
