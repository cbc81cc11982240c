/** What each worker told of itself last, and how things stand in a slot by that. */
import { sum } from "../../base/sum.ts";
import type { FiguresMessage } from "../../protocol/messages.ts";
import type { WorkerNow } from "../../telemetry/pool-now.ts";
import type { PoolState } from "../pool/state.ts";
import type { SpawnOrder } from "../workers/spawn-order.ts";

/** How long the longest lag of an event loop is told. */
const LAG_MS = 15_000;

/** What one worker told last. */
interface Told {
  readonly slot: number;
  /** Requests that it had begun. */
  readonly requests: number;
  readonly open: number;
  readonly queued: number;
  readonly sockets: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly busy: number | undefined;
  readonly at: number;
}

/** A lag, and when it was told. */
interface Lag {
  readonly slot: number;
  readonly ms: number;
  readonly at: number;
}

export class LastTold {
  /** By age. */
  readonly #told = new Map<number, Told>();
  #lags: Lag[] = [];

  /** Takes what a worker tells at a moment; gives how many requests it has begun since it told before. */
  take(
    { age, slot }: Pick<SpawnOrder, "age" | "slot">,
    figures: FiguresMessage,
    at: number,
  ): number {
    const { requests, open, queued, sockets } = figures;
    const { busyMs, rss, heapUsed, lagMs } = figures;
    const before = this.#told.get(age);
    const begun = before?.requests ?? 0;
    this.#lags.push({ slot, ms: lagMs, at });
    this.#told.set(age, {
      slot,
      requests: Math.max(requests, begun),
      open,
      queued,
      sockets: sockets?.open ?? 0,
      rss,
      heapUsed,
      busy: busyMs === undefined || before === undefined || at <= before.at
        ? undefined
        : Math.min(1, busyMs / (at - before.at)),
      at,
    });
    this.#forgetLags(at);
    // It may say anything: a counter never goes back.
    return Math.max(0, requests - begun);
  }

  /** A worker is gone. */
  forget(age: number): void {
    this.#told.delete(age);
  }

  /** How things stand in each slot that the pool has, or should have. */
  list({ wanted, children }: PoolState, now: number): WorkerNow[] {
    this.#forgetLags(now);
    const slots = new Set(Array.from({ length: wanted }, (_, n) => n + 1));
    for (const { slot } of children) slots.add(slot);
    return [...slots].sort((a, b) => a - b).map((slot) => {
      const told = [...this.#told.values()].filter((one) => one.slot === slot);
      const total = (valueOf: (one: Told) => number) => sum(told, valueOf);
      return {
        slot,
        up: children.some((one) =>
          one.slot === slot && one.phase === "ready" && !one.late
        ),
        open: total(({ open }) => open),
        queued: total(({ queued }) => queued),
        sockets: total(({ sockets }) => sockets),
        lagMs: Math.max(
          0,
          ...this.#lags.filter((one) => one.slot === slot).map(({ ms }) => ms),
        ),
        // Of two that share the slot the younger one counts.
        busy: told.at(-1)?.busy,
        rss: total(({ rss }) => rss),
        heapUsed: total(({ heapUsed }) => heapUsed),
      };
    });
  }

  #forgetLags(now: number): void {
    this.#lags = this.#lags.filter(({ at }) => now - at <= LAG_MS);
  }
}
