/** Whether the event loop of a busy native server turns. */
import {
  clearInterval,
  now,
  setInterval,
} from "../shared/originals/originals.ts";

/** When the loop of a busy server was last seen to turn, kept by a timer that an idle one has not. */
export interface Activity {
  /** Notes a request. */
  note(): void;
  /** When the event loop was last seen to turn, by performance.now(). */
  readonly lastTurn: number;
}

const TICK_MS = 20;

/** Starts to keep it; an idle server has no timer. */
export function createActivity(): Activity {
  let noted = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const activity = {
    lastTurn: 0,
    note() {
      noted = true;
      if (timer !== undefined) return;
      activity.lastTurn = now();
      timer = setInterval(tick, TICK_MS);
    },
  };
  function tick(): void {
    activity.lastTurn = now();
    if (!noted) {
      clearInterval(timer);
      timer = undefined;
    }
    noted = false;
  }
  return activity;
}
