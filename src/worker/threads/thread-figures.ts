/** The figures of all threads as those of one worker. */
import { sum } from "../../base/sum.ts";
import { OLDEST } from "../../protocol/messages.ts";
import type {
  BlockedThread,
  FiguresMessage,
  SeenFigures,
} from "../../protocol/messages.ts";
import { Durations } from "../../exchange/durations.ts";
import type { OpenRequest } from "../../exchange/open-request.ts";
import type { ThreadState } from "../../exchange/thread-state.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import type { SocketCounts } from "../../telemetry/socket-figures.ts";
import type { WorkerHost } from "../observe/worker-host.ts";

/** Threads tell at the same moments: so long those that come together are waited for. */
const TOGETHER_MS = 50;

/** Requests that a thread has answered, and those that are open in it. */
export interface ThreadCounts {
  readonly requests: number;
  readonly open: number;
}

/** What a thread told. */
interface ThreadMessage {
  readonly thread: number;
  readonly figures: FiguresMessage;
}

export class ThreadFigures {
  readonly #host: WorkerHost;
  readonly #threads: number;
  readonly #counts: (thread: number) => ThreadCounts;
  readonly #blocked: () => readonly BlockedThread[];
  /** What each thread told last. */
  readonly #last = new Map<number, FiguresMessage>();
  /** What is not passed on yet. */
  #untold: ThreadMessage[] = [];
  readonly #ended = new Set<number>();
  #timer: Closeable | undefined;
  /** Tells where no thread can any more. */
  #pulse: Closeable | undefined;
  #seen = false;
  #told = false;
  #cpuMs = 0;

  /** `blocked` tells of threads that cannot tell themselves. */
  constructor(
    host: WorkerHost,
    { threads, counts, blocked }: {
      readonly threads: number;
      /** By its last beat. */
      counts(thread: number): ThreadCounts;
      blocked(): readonly BlockedThread[];
    },
  ) {
    this.#host = host;
    this.#threads = threads;
    this.#counts = counts;
    this.#blocked = blocked;
  }

  /** What threads are to tell from now on; of those that are all blocked this tells itself. */
  tellEvery(everyMs: number, seen: boolean = false): void {
    this.#pulse?.close();
    this.#seen = seen;
    if (everyMs > 0) this.#watch(everyMs);
  }

  #watch(everyMs: number): void {
    this.#told = false;
    this.#pulse = this.#host.runtime.clock.pulse(everyMs, () => {
      if (!this.#told && this.#untold.length === 0) this.#tellBlocked();
      this.#watch(everyMs);
    });
  }

  #tellBlocked(): void {
    const blocked = this.#blocked();
    if (blocked.length > 0) this.#send([], blocked);
  }

  take(thread: number, figures: FiguresMessage): void {
    this.#last.set(thread, figures);
    this.#untold.push({ thread, figures });
    this.#timer ??= this.#host.runtime.clock.after(
      TOGETHER_MS,
      () => this.tell(),
    );
  }

  /** A thread is gone: what it has counted stays. */
  bury(thread: number): void {
    this.#ended.add(thread);
    const last = this.#last.get(thread);
    if (last === undefined) return;
    const sockets = last.sockets && { ...last.sockets, open: 0 };
    this.#last.set(thread, {
      ...last,
      ...{ open: 0, queued: 0, heapUsed: 0 },
      ...sockets && { sockets },
    });
  }

  /** Passes on what came. */
  tell(): void {
    this.#timer?.close();
    this.#timer = undefined;
    const told = this.#untold;
    if (told.length === 0) return;
    this.#untold = [];
    this.#send(told, this.#blocked());
  }

  #send(
    told: readonly ThreadMessage[],
    blocked: readonly BlockedThread[],
  ): void {
    this.#told = true;
    const untold = told.map(({ figures }) => figures);
    const { cpuMs, rss } = this.#host.runtime.self.usage();
    const last = [...this.#last.values()];
    const busy = untold.flatMap(({ busyMs }) => busyMs ?? []);
    const sockets = sumSockets(last, untold);
    const refused = untold.flatMap((one) => one.refused ?? []);
    const seen = this.#seen ? joinSeen(told, blocked) : undefined;
    this.#host.send({
      type: "figures",
      requests: sum(last, ({ requests }) => requests),
      open: sum(last, ({ open }) => open),
      queued: sum(last, ({ queued }) => queued),
      cpuMs: Math.max(0, cpuMs - this.#cpuMs),
      // A part of the time that all of its loops had.
      ...busy.length > 0 && { busyMs: sum(busy, (ms) => ms) / this.#threads },
      rss,
      heapUsed: sum(last, ({ heapUsed }) => heapUsed),
      lagMs: Math.max(
        0,
        ...untold.map(({ lagMs }) => lagMs),
        ...blocked.map(({ ms }) => ms),
      ),
      ended: untold.flatMap(({ ended }) => ended),
      ...sockets && { sockets },
      ...refused.length > 0 && { refused },
      ...seen && { seen: { ...seen, threads: this.#states(told, blocked) } },
    });
    this.#cpuMs = cpuMs;
  }

  #states(
    told: readonly ThreadMessage[],
    blocked: readonly BlockedThread[],
  ): ThreadState[] {
    return Array.from({ length: this.#threads }, (_, at): ThreadState => {
      const thread = at + 1;
      const silent = blocked.find((one) => one.thread === thread);
      const { requests, open } = this.#counts(thread);
      const lags = told.filter((one) => one.thread === thread)
        .map(({ figures }) => figures.lagMs);
      return {
        ...{ thread, requests, open },
        state: this.#ended.has(thread)
          ? "ended"
          : silent === undefined
          ? "turning"
          : "blocked",
        lagMs: Math.round(Math.max(0, silent?.ms ?? 0, ...lags)),
      };
    });
  }
}

function sumSockets(
  last: readonly FiguresMessage[],
  untold: readonly FiguresMessage[],
): SocketCounts | undefined {
  if (last.every(({ sockets }) => sockets === undefined)) return undefined;
  const closed: Record<string, number> = {};
  for (const { sockets } of untold) {
    for (const [code, count] of Object.entries(sockets?.closed ?? {})) {
      closed[code] = (closed[code] ?? 0) + count;
    }
  }
  return {
    open: sum(last, ({ sockets }) => sockets?.open ?? 0),
    opened: sum(untold, ({ sockets }) => sockets?.opened ?? 0),
    closed,
  };
}

function joinSeen(
  told: readonly ThreadMessage[],
  blocked: readonly BlockedThread[],
): SeenFigures {
  const all = told.flatMap(({ figures }) => figures.seen ?? []);
  // The arbiter takes no more buckets than there are.
  const durations = new Durations();
  for (const one of all) durations.add(one.durations);
  const open: OpenRequest[] = [
    ...told.flatMap(({ thread, figures: { seen } }) =>
      (seen?.oldest ?? []).map((one) => ({ ...one, thread }))
    ),
    ...blocked.flatMap(({ thread, by }) =>
      by === undefined ? [] : [{ ...by, thread }]
    ),
  ];
  return {
    durations: durations.take(),
    failed: sum(all, ({ failed }) => failed),
    oldest: open.sort((one, other) => other.ms - one.ms).slice(0, OLDEST),
  };
}
