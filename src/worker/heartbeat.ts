/** The worker's sign of life: its event loop beats, often while it works and seldom while it rests. */
import type { Inflight } from "../gateway/call/inflight.ts";
import type { BeatMessage } from "../protocol/messages.ts";
import type { Clock, Closeable } from "../runtime/runtime.ts";

/** Between two beats while there is work. */
const BUSY_MS = 250;

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
  /** Is told how much later than planned it beats, in milliseconds. */
  onLate?(ms: number): void;
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
  { clock, inflight, idleMs, send, onLate }: HeartbeatOptions,
): Heartbeat {
  let busy = false;
  let seen = 0;
  let planned = 0;
  let timer = plan(idleMs);

  function plan(period: number): Closeable {
    const ms = untilNext(clock, period);
    planned = clock.now() + ms;
    return clock.pulse(ms, tick);
  }

  function beat(): void {
    seen = inflight.requests;
    inflight.recorder.beat(clock.now());
    send({
      type: "beat",
      requests: seen,
      open: inflight.open,
      busy,
    });
    const period = busy ? Math.min(BUSY_MS, idleMs) : idleMs;
    timer = plan(period);
  }

  function tick(): void {
    onLate?.(clock.now() - planned);
    busy = inflight.open > 0 || inflight.requests !== seen;
    beat();
  }

  return {
    busy() {
      if (busy) return;
      busy = true;
      timer.close();
      beat();
    },
    close: () => timer.close(),
  };
}
