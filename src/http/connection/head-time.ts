/** How long a connection waits for a request: for the first byte of its head, then for the last. */
import type { Host } from "./host.ts";

/** The least time that a connection which was never used has in a drain. */
export const UNUSED_MS = 500;

export class HeadTime {
  /** When the connection was opened, became idle or began to read a head. */
  since: number;
  /** True once there was a request. */
  used = false;
  readonly #host: Host;
  /** Since when a connection was idle that was found to be so for too long. */
  #foundIdle: number | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.since = host.now();
  }

  /** Tells whose time is over: the idle connection's, or that of the head that is underway. */
  overdue(
    now: number,
    { underway, busy }: { readonly underway: boolean; readonly busy: boolean },
  ): "idle" | "head" | undefined {
    if (busy) {
      // The last answer is on its way still: its client is not idle.
      if (!underway) this.since = now;
      return undefined;
    }
    const ms = underway ? this.#host.limits.headerMs : this.#idleMs();
    if (ms === 0 || now - this.since < ms) return undefined;
    if (underway) return "head";
    // A request that came in time may not be read yet: it is before the next look.
    if (this.#foundIdle === this.since) return "idle";
    this.#foundIdle = this.since;
    return undefined;
  }

  #idleMs(): number {
    const { limits, keepAliveMs, draining } = this.#host;
    if (this.used) return keepAliveMs;
    return draining ? Math.max(keepAliveMs, UNUSED_MS) : limits.headerMs;
  }
}
