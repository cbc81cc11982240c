/** Whether a thread is blocked, and by what: it is seen from the process's first thread, which loads no app. */
import {
  readFlightRecord,
  RECORD_BYTES,
} from "../../exchange/flight-record.ts";
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { OpenRequest } from "../../exchange/open-request.ts";
import { sightText } from "../../exchange/sight.ts";
import type { Sight } from "../../exchange/sight.ts";
import type { Look } from "../../protocol/look.ts";
import type { Clock } from "../../runtime/runtime.ts";
import { beatPeriod } from "../observe/heartbeat.ts";

/** Between two questions where it stands: one that comes as its loop turns yet says nothing. */
const AGAIN_MS = 3000;

/** What was seen in one silence. */
interface Seen extends Omit<Sight, "frames"> {
  readonly begun: number;
  /** The request that had the event loop at two looks. */
  readonly by: OpenRequest | undefined;
}

type ThreadClock = Pick<Clock, "lived" | "lost">;

/** What a beat of a thread ends. */
export interface Silence {
  /** By what it was blocked, in words. */
  readonly by: string;
  readonly ms: number;
  /** For how long the whole process stood still meanwhile. */
  readonly pausedMs: number;
}

/** Times are milliseconds that the process has lived through: a pause stops all threads. */
export class ThreadWatch {
  readonly #clock: ThreadClock;
  readonly #idleMs: number;
  readonly #record: SharedArrayBuffer;
  #lastBeat: number;
  /** For how long the process had stood still at the last beat. */
  #lost: number;
  #busy = false;
  #sight: Seen | undefined;
  /** When it was last asked where it stands, in this silence. */
  #asked = -Infinity;
  /** Where it stands, the innermost frame first. */
  #frames: readonly string[] = [];

  constructor(
    { clock, idleMs, record }: {
      readonly clock: ThreadClock;
      /** Between two beats while there is no work. */
      readonly idleMs: number;
      /** Its flight record. */
      readonly record: SharedArrayBuffer;
    },
  ) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#record = record;
    this.#lastBeat = clock.lived();
    this.#lost = clock.lost();
  }

  /** How long it has been silent; 0 where it need not have beaten yet. */
  get silentMs(): number {
    const ms = this.#clock.lived() - this.#lastBeat;
    const period = beatPeriod(this.#busy, this.#idleMs);
    return ms < 2 * period ? 0 : ms;
  }

  /** What it has in hand, whether it answers or not. */
  get flight(): FlightRecord | undefined {
    const copy = new Uint8Array(RECORD_BYTES);
    copy.set(new Uint8Array(this.#record));
    return readFlightRecord(copy);
  }

  /** It beats. */
  beat(busy: boolean): Silence {
    const seen = this.#sight;
    const [last, before] = [this.#lastBeat, this.#lost];
    this.#lastBeat = this.#clock.lived();
    this.#lost = this.#clock.lost();
    this.#busy = busy;
    this.#sight = undefined;
    const by = textOf(seen, this.#frames);
    this.#frames = [];
    this.#asked = -Infinity;
    return { by, ms: this.#lastBeat - last, pausedMs: this.#lost - before };
  }

  /** Looks where it is silent, and gives for how long it has been. */
  look(): number {
    const { silentMs } = this;
    if (silentMs === 0) return 0;
    const { flight } = this;
    if (flight === undefined) return silentMs;
    const { begun, atWork, waiting } = flight;
    // Between two looks it may have gone from one request to another.
    const by = this.#sight?.begun === begun ? atWork : undefined;
    this.#sight = { begun, by, waiting };
    return silentMs;
  }

  /** The request that had the event loop at two looks of this silence. */
  get by(): OpenRequest | undefined {
    return this.#sight?.by;
  }

  /** True where it is to be asked where it stands: until that is known, now and then. */
  toLocate(): boolean {
    const now = this.#clock.lived();
    if (this.#frames.length > 0 || now - this.#asked < AGAIN_MS) return false;
    this.#asked = now;
    return true;
  }

  /** Takes what it says itself, stopped by a debugger; that counts where it is in the same silence. */
  found({ begun, by, frames }: Look): void {
    const sight = this.#sight;
    if (sight?.begun !== begun) return;
    this.#sight = { ...sight, by: sight.by ?? by };
    this.#frames = frames;
  }

  /** Where it stands, where that is known. */
  get frames(): readonly string[] {
    return this.#frames;
  }

  /** What it had in hand when it ended, in words. */
  get inHand(): string {
    const { flight } = this;
    if (flight === undefined) return "";
    const { atWork: by, waiting } = flight;
    return textOf({ begun: flight.begun, by, waiting }, []);
  }

  /** By what it is blocked, in words. */
  get text(): string {
    return textOf(this.#sight, this.#frames);
  }
}

function textOf(sight: Seen | undefined, frames: readonly string[]): string {
  return sight === undefined ? "" : sightText({ ...sight, frames });
}
