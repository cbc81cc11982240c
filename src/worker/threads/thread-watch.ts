/** Whether a thread is blocked, and by what: it is seen from the process's first thread, which loads no app. */
import {
  readFlightRecord,
  RECORD_BYTES,
} from "../../exchange/flight-record.ts";
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { OpenRequest } from "../../exchange/open-request.ts";
import type { Clock } from "../../runtime/runtime.ts";
import { beatPeriod } from "../heartbeat.ts";

/** How many open requests a text names. */
const NAMED = 3;

/** What was seen in one silence. */
interface Sight {
  readonly begun: number;
  /** The request that had the event loop at two looks. */
  readonly by: OpenRequest | undefined;
  readonly waiting: readonly OpenRequest[];
}

export class ThreadWatch {
  readonly #clock: Pick<Clock, "now">;
  readonly #idleMs: number;
  readonly #record: SharedArrayBuffer;
  #lastBeat: number;
  #busy = false;
  #sight: Sight | undefined;

  constructor(
    { clock, idleMs, record }: {
      readonly clock: Pick<Clock, "now">;
      /** Between two beats while there is no work. */
      readonly idleMs: number;
      /** Its flight record. */
      readonly record: SharedArrayBuffer;
    },
  ) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#record = record;
    this.#lastBeat = clock.now();
  }

  /** How long it has been silent; 0 where it need not have beaten yet. */
  get silentMs(): number {
    const ms = this.#clock.now() - this.#lastBeat;
    const period = beatPeriod(this.#busy, this.#idleMs);
    return ms < 2 * period ? 0 : ms;
  }

  /** What it has in hand, whether it answers or not. */
  get flight(): FlightRecord | undefined {
    const copy = new Uint8Array(RECORD_BYTES);
    copy.set(new Uint8Array(this.#record));
    return readFlightRecord(copy);
  }

  /** It beats; gives by what it was blocked before, in words. */
  beat(busy: boolean): string {
    const seen = this.#sight;
    this.#lastBeat = this.#clock.now();
    this.#busy = busy;
    this.#sight = undefined;
    return textOf(seen);
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

  /** By what it is blocked, in words. */
  get text(): string {
    return textOf(this.#sight);
  }
}

function textOf(sight: Sight | undefined): string {
  const name = ({ method, path }: OpenRequest) => `${method} ${path}`;
  if (sight === undefined) return "";
  if (sight.by !== undefined) return ` by ${name(sight.by)}`;
  const open = sight.waiting.slice(0, NAMED).map(name).join(", ");
  return open === "" ? "" : `; open were ${open}`;
}
