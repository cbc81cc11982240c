/** When a native server was last busy. */

/** When the server was last busy, kept by a timer so that a request costs no look at the clock. */
export interface Activity {
  /** Notes a request. */
  note(): void;
  /** When the event loop was last seen to turn, by performance.now(). */
  readonly lastTurn: number;
  /** When a request was last noted, to within a tick. */
  readonly lastRequest: number;
}

const TICK_MS = 20;

/** Starts to keep it; an idle server has no timer. */
export function createActivity(): Activity {
  let noted = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const activity = {
    lastTurn: 0,
    lastRequest: -Infinity,
    note() {
      noted = true;
      if (timer !== undefined) return;
      activity.lastRequest = activity.lastTurn = performance.now();
      timer = setInterval(tick, TICK_MS);
    },
  };
  function tick(): void {
    activity.lastTurn = performance.now();
    if (noted) {
      activity.lastRequest = activity.lastTurn;
    } else {
      clearInterval(timer);
      timer = undefined;
    }
    noted = false;
  }
  return activity;
}
