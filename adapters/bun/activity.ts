/** Whether the event loop of a native server turns. */
import { now, setImmediate } from "../shared/originals/originals.ts";

export interface Activity {
  /** Whether the event loop has turned within the time that it may stand still; call it at each request. */
  turns(): boolean;
}

/** So long what was seen is believed: a look at each request would cost each. */
const BELIEVED_MS = 20;

/**
 * Looks whether the event loop turns, at most each 20 ms and only where a
 * request is: a timer would wake a server that has little to do, or nothing.
 */
export function createActivity(mostMs: number, read = now): Activity {
  /** When the loop was last seen to turn or, while it is looked at, when that began. */
  let at = -Infinity;
  let looking = false;
  function see(): void {
    looking = false;
    at = read();
  }
  return {
    turns() {
      const time = read();
      if (looking) return time - at < mostMs;
      if (time - at < BELIEVED_MS) return true;
      looking = true;
      at = time;
      setImmediate(see);
      return true;
    },
  };
}
