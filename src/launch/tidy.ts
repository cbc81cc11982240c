/** Gives back what a start has left in memory. */
import type { Closeable, Runtime } from "../runtime/runtime.ts";

/** Until what answers at the control socket is loaded, which begins when corn serves, and nothing refers any more to what that needed. */
const TIDY_MS = 2000;

/** Does so a moment after `whole`, where the runtime can be told to; `close` leaves it. */
export function tidyAfter(
  whole: Promise<void>,
  { clock, tidy }: Pick<Runtime, "clock" | "tidy">,
): Closeable {
  let timer: Closeable | undefined;
  let over = false;
  void whole.then(() => {
    if (!over && tidy !== undefined) timer = clock.after(TIDY_MS, tidy);
  }, () => {});
  return {
    close() {
      over = true;
      timer?.close();
    },
  };
}
