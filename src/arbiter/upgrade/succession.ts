/** An upgrade, as the new arbiter sees it: it serves beside its predecessor, and is promoted when that is gone. */
import { readSums } from "../../protocol/arbiter-checks.ts";
import type { SuccessorMessage } from "../../protocol/messages.ts";
import type { CountsRecord } from "../../telemetry/sums.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";

/** How often it is checked whether the predecessor lives. */
const CHECK_MS = 250;

export interface Succession extends Closeable {
  /** The pid of the predecessor while it lives. */
  predecessor(): number | undefined;
  /** Tells the predecessor that this arbiter serves. */
  reportServing(): void;
  /** Tells it what is counted here, as long as it lives. */
  tellSums(record: CountsRecord): void;
}

export interface SuccessionEvents {
  /** Is called once, when the predecessor is gone. */
  onPromoted(): void;
  /** Takes what the predecessor has counted. */
  onSums?(record: CountsRecord): void;
}

/** Watches the predecessor of this process, its parent. */
export function succeed(
  runtime: Pick<Runtime, "self" | "clock" | "parent">,
  predecessor: number,
  { onPromoted, onSums }: SuccessionEvents,
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

  link?.onMessage((message) => {
    const sums = readSums(message);
    if (sums !== undefined) onSums?.(sums.record);
  });
  // Not all runtimes report that a channel has closed: so the timer checks, too.
  link?.onClose(check);
  return {
    predecessor: () => lives() ? predecessor : undefined,
    reportServing: () =>
      void link?.send({ type: "serving" } satisfies SuccessorMessage),
    tellSums: (record) =>
      void link?.send({ type: "sums", record } satisfies SuccessorMessage),
    close() {
      over = true;
      timer.close();
    },
  };
}
