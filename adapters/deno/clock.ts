/** The clock, without the op that Deno's own is. */
import type { Clock } from "../../src/runtime/runtime.ts";
import { CLOCK_MONOTONIC } from "../libc/clock.ts";
import { LIBRARY_NAMES } from "../libc/libc.ts";

type GetTime = (clock: number, time: unknown) => number;

interface DenoFfi {
  dlopen(
    library: string,
    symbols: Readonly<
      Record<string, { parameters: readonly string[]; result: string }>
    >,
  ): { readonly symbols: { readonly clock_gettime: GetTime } };
  readonly UnsafePointer: { of(bytes: ArrayBufferView): unknown };
}

const { Deno } = globalThis as unknown as { Deno: DenoFfi };

/**
 * `now()` by a call of libc, which Deno compiles into what calls it; call it
 * where FFI is permitted (2.9.5, DENO-CLOCK-OP).
 */
export function quickClock(clock: Clock): Clock {
  const getTime = findGetTime();
  if (getTime === undefined) return clock;
  // Seconds and nanoseconds, each of 64 bits of which half is in use.
  const words = new Uint32Array(4);
  // To hand the bytes over themselves takes longer.
  const place = Deno.UnsafePointer.of(words);
  const time = (): number => {
    getTime(CLOCK_MONOTONIC, place);
    return words[0]! * 1000 + words[2]! / 1e6;
  };
  const since = time() - clock.now();
  return { ...clock, now: () => time() - since };
}

function findGetTime(): GetTime | undefined {
  for (const name of LIBRARY_NAMES) {
    try {
      const { symbols } = Deno.dlopen(name, {
        clock_gettime: { parameters: ["i32", "pointer"], result: "i32" },
      });
      return symbols.clock_gettime;
    } catch {
      continue; // Another libc: the caller falls back.
    }
  }
  return undefined;
}
