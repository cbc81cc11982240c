/** All threads as one worker: when it is ready, how it beats, and at which limits it is replaced. */
import { sum } from "../../base/sum.ts";
import { Inflight } from "../../gateway/call/inflight.ts";
import type { BeatMessage, BootMessage } from "../../protocol/messages.ts";
import type { Departure } from "../departure.ts";
import { startHeartbeat } from "../observe/heartbeat.ts";
import type { Heartbeat } from "../observe/heartbeat.ts";
import type { WorkerHost } from "../observe/worker-host.ts";
import { watchLimits } from "../recycle.ts";
import type { OneThread } from "./one-thread.ts";
import type { ThreadList } from "./thread-list.ts";

export interface ThreadSumsOptions {
  readonly host: WorkerHost;
  readonly boot: Pick<BootMessage, "plan" | "mark">;
  readonly threads: ThreadList;
  /** Asks the arbiter for a worker in place of this one. */
  readonly departure: Departure;
  /** True where the process's memory tells nothing of the app. */
  holdsMemory(): boolean;
  /** True where it may be silent. */
  excuses(one: OneThread): boolean;
}

export class ThreadSums {
  readonly #options: ThreadSumsOptions;
  /** What all of them have in hand. */
  readonly #all: Inflight;
  #heartbeat: Heartbeat | undefined;
  #ready = false;

  constructor(options: ThreadSumsOptions) {
    const { host: { runtime: { clock } }, boot } = options;
    this.#options = options;
    this.#all = new Inflight(() => clock.now());
    if (boot.mark !== undefined) this.#all.recorder.mark(boot.mark);
  }

  /** True once the worker serves. */
  get ready(): boolean {
    return this.#ready;
  }

  /** A thread is ready; the worker is when its last one is, which this gives true for. */
  takeReady(): boolean {
    const { host, boot: { plan }, threads } = this.#options;
    const all = threads.all.flatMap(({ ready }) => ready ?? []);
    const [first] = all;
    const { threads: wanted } = plan.workerClass;
    if (first === undefined || all.length < wanted) return false;
    this.#ready = true;
    host.send(first);
    this.#heartbeat = startHeartbeat({
      clock: host.runtime.clock,
      inflight: this.#all,
      idleMs: plan.life.idleBeatMs,
      send: host.send,
    });
    this.#watchLimits();
    return true;
  }

  #watchLimits(): void {
    const { host, boot: { plan }, departure, holdsMemory } = this.#options;
    const { clock, self } = host.runtime;
    watchLimits({
      clock,
      self,
      limits: plan.recycle,
      holds: holdsMemory,
      onLimit: (kind, reason) => departure.ask(kind, reason),
      onHardLimit: (reason) => departure.askNow("memory", reason),
    });
  }

  /** Takes a thread's beat. */
  beat(
    one: OneThread,
    { busy, requests, open, blockedMs: lateMs = 0 }: BeatMessage,
  ): void {
    const { host: { say }, boot: { plan }, threads, departure, excuses } =
      this.#options;
    const { life: { slowMs }, recycle: { maxRequests } } = plan;
    Object.assign(one, { busy, requests, open, stuck: false });
    const { by, ms, pausedMs } = one.watch.beat(busy);
    // Since it has written its memory down, it was not silent for as long.
    const blockedMs = Math.min(lateMs - pausedMs, ms);
    const isSlow = slowMs > 0 && blockedMs >= slowMs && !excuses(one);
    if (this.#ready && isSlow) {
      const seconds = (blockedMs / 1000).toFixed(1);
      say("warning", `Thread ${one.number} was blocked for ${seconds} s${by}`);
    }
    const all = this.#all;
    all.requests = sum(threads.all, ({ requests }) => requests);
    all.open = sum(threads.living, ({ open }) => open);
    if (threads.living.some(({ busy }) => busy)) this.#heartbeat?.busy();
    if (maxRequests > 0 && all.requests >= maxRequests) {
      departure.ask("max_requests", `${maxRequests} requests`);
    }
  }

  close(): void {
    this.#heartbeat?.close();
  }
}
