/** The Date field's line (RFC 9110 section 6.6.1), made once a second. */
import type { Clock } from "../../runtime/runtime.ts";

export interface DateLine {
  /** The line as it was last made: to look at the clock for each response costs too much. */
  text(): string;
  /** Lets go of it where its second is over at `now`. */
  check(now: number): void;
  /** Lets go of it: it is not checked from now on. */
  forget(): void;
}

export function createDateLine(clock: Pick<Clock, "now" | "date">): DateLine {
  let line = "";
  let until = 0;

  function make(): string {
    const date = clock.date();
    until = clock.now() + 1000 - date.getMilliseconds();
    return `date: ${date.toUTCString()}\r\n`;
  }

  return {
    text: () => line ||= make(),
    check(now) {
      if (now >= until) line = "";
    },
    forget: () => void (line = ""),
  };
}
