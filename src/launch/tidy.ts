/** Gives back what a start has left in memory. */
import type { Closeable, Runtime } from "../runtime/runtime.ts";

/** Until nothing refers any more to what was loaded last. */
const TIDY_MS = 1000;

/** Does so once a start is over, where the runtime can be told to; `close` leaves it. */
export function tidyAfter(
  settled: Promise<void>,
  { clock, tidy }: Pick<Runtime, "clock" | "tidy">,
): Closeable {
  let timer: Closeable | undefined;
  let over = false;
  void settled.then(() => {
    if (!over && tidy !== undefined) timer = clock.after(TIDY_MS, tidy);
  });
  return {
    close() {
      over = true;
      timer?.close();
    },
  };
}
