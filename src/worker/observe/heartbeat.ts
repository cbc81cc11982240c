/** The worker's sign of life: its event loop beats, often while it works and seldom while it rests. */
import type { Inflight } from "../../gateway/call/inflight.ts";
import type { BeatMessage } from "../../protocol/messages.ts";
import type { Clock, Closeable } from "../../runtime/runtime.ts";

/** Between two beats while there is work. */
const BUSY_MS = 250;

/** A beat that is later tells of it. */
const LATE_MS = 100;

/** Timers may come somewhat early: no beat follows another so soon. */
const EARLY_MS = 10;

export interface Heartbeat extends Closeable {
  /** Called when a request opens and no other is open: beats at once, unless the last beat promised another within 250 ms. */
  busy(): void;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly inflight: Inflight;
  /** Between two beats while there is no work. */
  readonly idleMs: number;
  send(beat: BeatMessage): void;
  /** Is told of each beat, and gives what was seen of a loop that was blocked before it. */
  watch?(beat: { readonly busy: boolean; readonly late: boolean }):
    | string
    | undefined;
  /** Is told how much later than planned it beats, in milliseconds. */
  onLate?(ms: number): void;
}

/** Between two beats, in milliseconds. */
export function beatPeriod(busy: boolean, idleMs: number): number {
  return busy ? Math.min(BUSY_MS, idleMs) : idleMs;
}

/**
 * Until the next beat of all workers: they beat at the same moments of the
 * system's clock, so that the arbiter wakes once for all of them.
 */
export function untilNext(clock: Clock, period: number): number {
  const left = period - clock.monotonic() % period;
  return left < EARLY_MS ? left + period : left;
}

export function startHeartbeat(
  { clock, inflight, idleMs, send, watch, onLate }: HeartbeatOptions,
): Heartbeat {
  let busy = false;
  let seen = 0;
  let last = clock.now();
  /** True where the last beat came of a request that opened. */
  let opened = false;
  let planned = last;
  let timer = plan(idleMs);

  function plan(period: number): Closeable {
    const ms = untilNext(clock, period);
    planned = clock.now() + ms;
    return clock.pulse(ms, tick);
  }

  /** How long the loop was blocked: since the last beat, where that told of a request and there was no other. */
  function blocked(now: number): number {
    const lateMs = now - planned;
    onLate?.(lateMs);
    if (lateMs < LATE_MS) return 0;
    const only = opened && inflight.requests === seen + 1;
    return Math.round(only ? now - last : lateMs);
  }

  function beat(blockedMs = 0): void {
    seen = inflight.requests;
    last = clock.now();
    inflight.recorder.beat(last);
    const look = watch?.({ busy, late: blockedMs > 0 });
    send({
      type: "beat",
      requests: seen,
      open: inflight.open,
      busy,
      ...(blockedMs > 0 && { blockedMs }),
      ...(look !== undefined && { look }),
    });
    timer = plan(beatPeriod(busy, idleMs));
  }

  function tick(): void {
    const blockedMs = blocked(clock.now());
    busy = inflight.open > 0 || inflight.requests !== seen;
    opened = false;
    beat(blockedMs);
  }

  return {
    busy() {
      if (busy) return;
      busy = opened = true;
      timer.close();
      beat();
    },
    close: () => timer.close(),
  };
}
