/** What a worker does so that it is known where its event loop is blocked. */
import type { FlightRecorder } from "../../exchange/flight-record.ts";
import { WATCH_BYTES, WATCH_TEXT_AT } from "../../exchange/watch-record.ts";
import { messageOf } from "../../base/errors.ts";
import { LOOK_EXPRESSION } from "../../protocol/look.ts";
import type { BootMessage } from "../../protocol/messages.ts";
import type { LoopWatch } from "../../runtime/serving.ts";
import { answerLooks } from "./self-look.ts";
import type { WorkerHost } from "./worker-host.ts";

export class LoopLook {
  readonly #host: WorkerHost;
  readonly #recorder: FlightRecorder;
  /** True while nothing is to be looked at. */
  resting = false;
  #boot: BootMessage | undefined;
  #watch: LoopWatch | undefined;

  constructor(host: WorkerHost, recorder: FlightRecorder) {
    this.#host = host;
    this.#recorder = recorder;
  }

  /** The worker serves: what costs nothing, or is asked for, is made ready. */
  begin(boot: BootMessage): void {
    const { runtime, send } = this.#host;
    const { blockStack } = boot.plan.life;
    if (blockStack === "off") return;
    this.#boot = boot;
    const { globals, self } = runtime;
    const { debuggerUrl, loopWatch, record } = runtime;
    // A thread is asked by the first one of its process.
    if ([debuggerUrl, loopWatch, record].some((one) => one !== undefined)) {
      answerLooks({
        globals,
        recorder: this.#recorder,
        folder: self.cwd(),
      });
    }
    const url = debuggerUrl?.();
    if (url !== undefined) send({ type: "debugger", url });
    if (loopWatch?.free || blockStack === "on") this.watch();
  }

  /** A worker of the pool was blocked, and it may happen again: it is worth the memory. */
  watch(): void {
    const { runtime, say, send } = this.#host;
    const { loopWatch, self } = runtime;
    const boot = this.#boot;
    if (loopWatch === undefined || boot === undefined || this.#watch) return;
    try {
      this.#watch = loopWatch.start({
        mark: turnedText(boot.mark),
        bytes: WATCH_BYTES,
        textAt: WATCH_TEXT_AT,
        silentMs: boot.plan.life.lookMs,
        expression: LOOK_EXPRESSION,
        folder: self.cwd(),
      });
      if (!loopWatch.free) send({ type: "watching" });
    } catch (error) {
      say("debug", `Cannot watch the event loop: ${messageOf(error)}`);
    }
  }

  /** The loop turns; gives what was seen where it comes late. */
  beat(
    { busy, late }: { readonly busy: boolean; readonly late: boolean },
  ): string | undefined {
    const watch = this.#watch;
    if (watch === undefined || this.resting) return undefined;
    watch.beat(busy);
    const seen = watch.take();
    return late ? seen : undefined;
  }

  close(): void {
    this.#watch?.close();
  }
}

/** The text of `watchMark`, by that of the mark. */
function turnedText(mark = ""): string {
  return (mark.match(/../g) ?? []).reverse().join("");
}
