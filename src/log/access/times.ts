/** Times as logs write them, made once a second. */
import type { Clock } from "../../runtime/runtime.ts";

export interface Times {
  /** `21/Nov/2026:04:00:00 +0000`, of a moment of `clock.now()`. */
  common(ms: number): string;
  /** `2026-11-21T04:00:00.123Z` */
  iso(ms: number): string;
  /** Looks at the wall clock again, which may be set. */
  refresh(): void;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Writes moments in UTC, so that lines of every machine compare. */
export function createTimes(clock: Pick<Clock, "now" | "date">): Times {
  let offset = 0;
  let second = NaN;
  let common = "";
  let iso = "";

  function refresh(): void {
    offset = clock.date().getTime() - clock.now();
  }

  /** Makes the texts of the second, and gives the milliseconds in it. */
  function turnTo(ms: number): number {
    const wall = Math.floor(ms + offset);
    const at = Math.floor(wall / 1000);
    if (at !== second) {
      second = at;
      iso = new Date(at * 1000).toISOString().slice(0, 19);
      const [date = "", time = ""] = iso.split("T");
      const [year, month, day] = date.split("-");
      common = `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
    }
    return wall - at * 1000;
  }

  refresh();
  return {
    common(ms) {
      turnTo(ms);
      return common;
    },
    iso(ms) {
      const rest = turnTo(ms);
      return `${iso}.${rest < 10 ? "00" : rest < 100 ? "0" : ""}${rest}Z`;
    },
    refresh,
  };
}
