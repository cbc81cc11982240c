/** An upgrade, as the new arbiter sees it: it serves beside its predecessor, and is promoted when that is gone. */
import type { SuccessorMessage } from "../../protocol/messages.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";

/** Between two looks whether the predecessor lives. */
const LOOK_MS = 250;

export interface Succession extends Closeable {
  /** The pid of the predecessor while it lives. */
  predecessor(): number | undefined;
  /** Tells the predecessor that this arbiter serves. */
  announce(): void;
}

/** Watches the predecessor of this process, its parent; `onPromoted` is called once it is gone. */
export function succeed(
  runtime: Pick<Runtime, "self" | "clock" | "parent">,
  predecessor: number,
  onPromoted: () => void,
): Succession {
  const { self, clock } = runtime;
  const link = runtime.parent();
  let timer = clock.after(LOOK_MS, look);
  let over = false;

  const lives = () => self.ppid() === predecessor;

  function look(): void {
    timer.close();
    if (over) return;
    if (lives()) {
      timer = clock.after(LOOK_MS, look);
      return;
    }
    over = true;
    onPromoted();
  }

  // Not all runtimes tell of a channel that closes: so the timer looks, too.
  link?.onClose(look);
  return {
    predecessor: () => lives() ? predecessor : undefined,
    announce: () =>
      void link?.send({ type: "serving" } satisfies SuccessorMessage),
    close() {
      over = true;
      timer.close();
    },
  };
}
