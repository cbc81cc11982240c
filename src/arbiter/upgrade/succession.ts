/** An upgrade, as the new arbiter sees it: it serves beside its predecessor, and is promoted when that is gone. */
import type { SuccessorMessage } from "../../protocol/messages.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";

/** How often it is checked whether the predecessor lives. */
const CHECK_MS = 250;

export interface Succession extends Closeable {
  /** The pid of the predecessor while it lives. */
  predecessor(): number | undefined;
  /** Tells the predecessor that this arbiter serves. */
  reportServing(): void;
}

/** Watches the predecessor of this process, its parent; `onPromoted` is called once it is gone. */
export function succeed(
  runtime: Pick<Runtime, "self" | "clock" | "parent">,
  predecessor: number,
  onPromoted: () => void,
): Succession {
  const { self, clock } = runtime;
  const link = runtime.parent();
  let timer = clock.after(CHECK_MS, check);
  let over = false;

  const lives = () => self.ppid() === predecessor;

  function check(): void {
    timer.close();
    if (over) return;
    if (lives()) {
      timer = clock.after(CHECK_MS, check);
      return;
    }
    over = true;
    onPromoted();
  }

  // Not all runtimes report that a channel has closed: so the timer checks, too.
  link?.onClose(check);
  return {
    predecessor: () => lives() ? predecessor : undefined,
    reportServing: () =>
      void link?.send({ type: "serving" } satisfies SuccessorMessage),
    close() {
      over = true;
      timer.close();
    },
  };
}
