/** Finds threads that are blocked or do not become ready, and says by what. */
import { LOOK_EXPRESSION, readLook } from "../../protocol/look.ts";
import type { BootMessage } from "../../protocol/messages.ts";
import type { WorkerHost } from "../observe/worker-host.ts";
import type { OneThread } from "./one-thread.ts";
import type { SilentThread } from "./thread-requests.ts";

/** Between two looks at threads of which one has work, or is silent. */
const LOOK_MS = 250;
/** A look that is so late says nothing of the threads, whose beats wait to be read. */
const LATE_MS = 500;

export interface LookoutOptions {
  readonly host: WorkerHost;
  readonly boot: Pick<BootMessage, "plan" | "slot">;
  /** The threads that have not ended. */
  living(): readonly OneThread[];
  /** True once the worker is on its way out. */
  leaves(): boolean;
  /** True where it may be silent. */
  excuses(one: OneThread): boolean;
  /** A thread has been silent for longer than it may, which is logged. */
  onStuck(one: OneThread): void;
}

export class ThreadLookout {
  readonly #options: LookoutOptions;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** Begins to look. */
  start(): void {
    this.#look(0);
  }

  /** Names the threads that have not loaded the app: soon the arbiter ends a worker that waits for them. */
  nameLate(): void {
    const { host: { runtime, say }, boot, living, leaves } = this.#options;
    if (leaves()) return;
    const { slot, plan: { life } } = boot;
    const seconds = (life.listenMs / 1000).toFixed(1);
    for (const { number, ready } of living()) {
      if (ready !== undefined) continue;
      say(
        "warning",
        `Thread ${number} of worker ${slot} (pid ${runtime.self.pid}) has not loaded the app in ${seconds} s`,
      );
    }
  }

  /** Looks at the threads that are silent, `lateMs` after it was planned, and plans the next look. */
  #look(lateMs: number): void {
    const { host, boot, living } = this.#options;
    const { clock } = host.runtime;
    const { idleBeatMs } = boot.plan.life;
    let works = false;
    for (const one of living()) {
      const silentMs = lateMs < LATE_MS ? one.watch.look() : 0;
      works ||= one.busy || silentMs > 0;
      if (silentMs > 0) {
        this.#locate(one, silentMs);
        this.#judge(one, silentMs);
      }
    }
    const ms = works ? LOOK_MS : Math.max(LOOK_MS, idleBeatMs);
    const planned = clock.now() + ms;
    clock.after(ms, () => this.#look(clock.now() - planned));
  }

  /** Asks where it stands, once it is blocked for long enough. */
  #locate({ thread, watch }: OneThread, silentMs: number): void {
    const { blockStack, lookMs } = this.#options.boot.plan.life;
    if (thread.look === undefined || blockStack === "off") return;
    if (silentMs < lookMs || !watch.toLocate()) return;
    void thread.look(LOOK_EXPRESSION, () => watch.silentMs > 0).then((text) => {
      const look = readLook(text);
      if (look !== undefined) watch.found(look);
    });
  }

  #judge(one: OneThread, silentMs: number): void {
    const { boot: { plan, slot }, host, leaves, excuses, onStuck } =
      this.#options;
    const { silenceMs } = plan.life;
    if (silenceMs === 0 || silentMs < silenceMs || one.stuck) return;
    if (excuses(one)) return;
    one.stuck = true;
    const { say, runtime } = host;
    const by = one.watch.text;
    say(
      "error",
      `Thread ${one.number} of worker ${slot} (pid ${runtime.self.pid}) is blocked for ${
        (silentMs / 1000).toFixed(1)
      } s${by}${leaves() ? "" : ": replacing the worker"}`,
    );
    onStuck(one);
  }
}

/** What is seen of a thread that does not tell. */
export function seeSilent({ number: thread, watch }: OneThread): SilentThread {
  const ms = Math.round(watch.look());
  const { flight, by, frames } = watch;
  const { atWork, waiting = [] } = flight ?? {};
  const running = atWork && { ...atWork, ms, thread, running: true as const };
  return {
    requests: [
      ...waiting.map((one) => ({
        ...{ ...one, thread },
        ms: Math.max(0, one.ms) + ms,
      })),
      ...running === undefined ? [] : [running],
    ],
    ...ms > 0 && {
      blocked: {
        ...{ thread, ms },
        ...by && { by: { ...by, ms } },
        ...frames.length > 0 && { frames },
      },
    },
  };
}
