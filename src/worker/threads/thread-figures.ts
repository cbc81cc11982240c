/** The figures of all threads as those of one worker. */
import { sum } from "../../base/sum.ts";
import { OLDEST } from "../../protocol/messages.ts";
import type {
  BlockedThread,
  FiguresMessage,
  SeenFigures,
} from "../../protocol/messages.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import type { SocketCounts } from "../../telemetry/socket-figures.ts";
import type { WorkerHost } from "../worker-host.ts";

/** Threads tell at the same moments: so long those that come together are waited for. */
const TOGETHER_MS = 50;

export class ThreadFigures {
  readonly #host: WorkerHost;
  readonly #threads: number;
  readonly #blocked: () => readonly BlockedThread[];
  /** What each thread told last. */
  readonly #last = new Map<number, FiguresMessage>();
  /** What is not passed on yet. */
  #untold: FiguresMessage[] = [];
  #timer: Closeable | undefined;
  #cpuMs = 0;

  /** `blocked` tells of threads that cannot tell themselves. */
  constructor(
    host: WorkerHost,
    { threads, blocked }: {
      readonly threads: number;
      blocked(): readonly BlockedThread[];
    },
  ) {
    this.#host = host;
    this.#threads = threads;
    this.#blocked = blocked;
  }

  take(thread: number, figures: FiguresMessage): void {
    this.#last.set(thread, figures);
    this.#untold.push(figures);
    this.#timer ??= this.#host.runtime.clock.after(
      TOGETHER_MS,
      () => this.tell(),
    );
  }

  /** A thread is gone: what it has counted stays. */
  bury(thread: number): void {
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
    const untold = this.#untold;
    if (untold.length === 0) return;
    this.#untold = [];
    const { cpuMs, rss } = this.#host.runtime.self.usage();
    const last = [...this.#last.values()];
    const busy = untold.flatMap(({ busyMs }) => busyMs ?? []);
    const sockets = sumSockets(last, untold);
    const refused = untold.flatMap((one) => one.refused ?? []);
    const blocked = this.#blocked();
    const seen = joinSeen(untold.flatMap((one) => one.seen ?? []), blocked);
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
        ...untold.map(({ lagMs }) => lagMs),
        ...blocked.map(({ ms }) => ms),
      ),
      ended: untold.flatMap(({ ended }) => ended),
      ...sockets && { sockets },
      ...refused.length > 0 && { refused },
      ...seen && { seen },
    });
    this.#cpuMs = cpuMs;
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
  all: readonly SeenFigures[],
  blocked: readonly BlockedThread[],
): SeenFigures | undefined {
  if (all.length === 0) return undefined;
  return {
    durations: all.flatMap(({ durations }) => durations),
    failed: sum(all, ({ failed }) => failed),
    oldest: [
      ...all.flatMap(({ oldest }) => oldest),
      ...blocked.flatMap(({ by }) => by ?? []),
    ].sort((one, other) => other.ms - one.ms).slice(0, OLDEST),
  };
}
