/** What waits in the queues that generations are served from, as the kernel counts it. */
import { addressText } from "../../base/addresses/address-text.ts";
import type { QueueGauge, Runtime } from "../../runtime/runtime.ts";
import type { QueueNow } from "../../telemetry/pool-now.ts";
import type { OpenListener } from "../sockets/listeners.ts";
import type { Generation } from "./generation.ts";

/** A generation, as far as its queues matter. */
type Served = Pick<Generation, "sockets" | "listeners">;

/** The gauge of the sockets of one id, for so many queues. */
interface Kept {
  readonly gauge: QueueGauge;
  readonly queues: number;
}

export class QueueGauges {
  readonly #runtime: Pick<Runtime, "gauge">;
  /** By the id of their sockets: under load they are read many times a second. */
  readonly #kept = new Map<number, Kept>();

  constructor(runtime: Pick<Runtime, "gauge">) {
    this.#runtime = runtime;
  }

  /** Opens the gauge of a generation at once, so that the arbiter holds all descriptors that it ever will from its start on. */
  keep(served: Served): void {
    if (served.sockets.queues > 0) this.#gaugeOf(served);
  }

  /** Closes the gauges of sockets that are served no more. */
  closeOthers(ids: readonly number[]): void {
    for (const [id, { gauge }] of this.#kept) {
      if (ids.includes(id)) continue;
      gauge.close();
      this.#kept.delete(id);
    }
  }

  /** What waits in the queues of several generations, the first opened first, by the id of their sockets; undefined where the system does not tell. */
  count(all: readonly Served[]): Record<number, readonly number[]> | undefined {
    const waiting: Record<number, readonly number[]> = {};
    // Of generations on the same sockets the last has all queues that were added.
    for (const served of all.toReversed()) {
      const { id, queues } = served.sockets;
      if (queues < 2 || id in waiting) continue;
      const counts = this.#gaugeOf(served).read();
      if (counts === undefined) return undefined;
      waiting[id] = sumQueues(counts, queues);
    }
    return waiting;
  }

  /** Connections that wait in all TCP queues of listeners; undefined where the system does not tell. */
  backlog(listeners: readonly OpenListener[]): number | undefined {
    const queues = listeners.flatMap(({ listener }) =>
      listener.address.kind === "tcp" ? listener.queues : []
    );
    if (queues.length === 0) return undefined;
    const gauge = this.#runtime.gauge(queues);
    const counts = gauge.read();
    gauge.close();
    return counts?.reduce((sum, count) => sum + count, 0);
  }

  /** Connections that wait in each TCP queue of listeners; empty where the system does not tell. */
  list(listeners: readonly OpenListener[]): QueueNow[] {
    const all = listeners.flatMap(({ listener: { address, queues } }) =>
      address.kind === "tcp"
        ? queues.map((descriptor, index) => ({
          descriptor,
          address: addressText(address),
          queue: index + 1,
        }))
        : []
    );
    if (all.length === 0) return [];
    const gauge = this.#runtime.gauge(all.map(({ descriptor }) => descriptor));
    const counts = gauge.read() ?? [];
    const drops = gauge.drops?.();
    gauge.close();
    return counts.map((waiting, index) => {
      const { address, queue } = all[index] as (typeof all)[number];
      const overflows = drops?.[index];
      return {
        ...{ address, queue, waiting },
        ...overflows !== undefined && { overflows },
      };
    });
  }

  #gaugeOf({ sockets: { id, queues }, listeners }: Served): QueueGauge {
    const known = this.#kept.get(id);
    if (known?.queues === queues) return known.gauge;
    known?.gauge.close();
    const gauge = this.#runtime.gauge(
      listeners.flatMap(({ listener }) =>
        listener.queues.length === queues ? listener.queues : []
      ),
    );
    this.#kept.set(id, { gauge, queues });
    return gauge;
  }
}

/** What waits in each queue, over all addresses that have as many. */
function sumQueues(counts: readonly number[], queues: number): number[] {
  const sums = Array<number>(queues).fill(0);
  for (const [index, count] of counts.entries()) {
    sums[index % queues]! += count;
  }
  return sums;
}
