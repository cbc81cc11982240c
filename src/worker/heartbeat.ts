/** The worker's sign of life: its event loop beats, often while it works and seldom while it rests. */
import type { Inflight } from "../gateway/call/inflight.ts";
import type { BeatMessage } from "../protocol/messages.ts";
import type { Clock, Closeable } from "../runtime/runtime.ts";

/** Between two beats while there is work. */
const BUSY_MS = 250;

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
}

export function startHeartbeat(
  { clock, inflight, idleMs, send }: HeartbeatOptions,
): Heartbeat {
  let busy = false;
  let seen = 0;
  let timer = clock.pulse(idleMs, tick);

  function beat(): void {
    seen = inflight.requests;
    inflight.recorder.beat(clock.now());
    send({
      type: "beat",
      requests: seen,
      open: inflight.open,
      busy,
    });
    timer = clock.pulse(busy ? Math.min(BUSY_MS, idleMs) : idleMs, tick);
  }

  function tick(): void {
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
