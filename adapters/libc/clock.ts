/** The system's clocks, see clock_gettime(2). */
import process from "node:process";
import type { Clock } from "../../src/runtime/runtime.ts";
import type { Libc } from "./libc.ts";

export const CLOCK_MONOTONIC: number = process.platform === "darwin" ? 6 : 1;

/**
 * The clock with the system's CLOCK_MONOTONIC: `process.hrtime` counts from the
 * start of the process on Bun (1.4.5, BUN-HRTIME) and Deno (2.9.6,
 * DENO-HRTIME).
 */
export function systemClock(clock: Clock, libc: Libc | undefined): Clock {
  if (libc === undefined) return clock;
  return {
    ...clock,
    monotonic() {
      const time = new BigInt64Array(2);
      libc.call("clock_gettime", CLOCK_MONOTONIC, new Uint8Array(time.buffer));
      return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
    },
  };
}
