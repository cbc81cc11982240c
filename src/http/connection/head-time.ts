/** How long a connection waits for a request: for the first byte of its head, then for the last. */
import { UNUSED_MS } from "../../base/http/connection-limits.ts";
import type { Host } from "./host.ts";

export class HeadTime {
  /** When the connection was opened, became idle or began to read a head. */
  since: number;
  /** True once there was a request. */
  used = false;
  readonly #host: Host;
  /** Since when a connection was idle that was found to be so for too long. */
  #foundIdle: number | undefined;
  /** True where a handshake was under way at the last look of a drain. */
  #shook = false;
  /** When a drain found that, or its end. */
  #shookAt = -Infinity;

  constructor(host: Host) {
    this.#host = host;
    this.since = host.now();
  }

  /** Tells whose time is over: the idle connection's, or that of the head that is underway. */
  overdue(
    now: number,
    { underway, busy, shaking }: {
      readonly underway: boolean;
      readonly busy: boolean;
      /** True until the handshake of TLS is over. */
      readonly shaking: boolean;
    },
  ): "idle" | "head" | undefined {
    if (this.#host.draining) this.#followHandshake(now, shaking);
    if (busy) {
      // The last answer is on its way still: its client is not idle.
      if (!underway) this.since = now;
      return undefined;
    }
    const ms = underway ? this.#host.limits.headerMs : this.#idleMs();
    const since = underway ? this.since : Math.max(this.since, this.#shookAt);
    if (ms === 0 || now - since < ms) return undefined;
    if (underway) return "head";
    // A request that came in time may not be read yet: it is before the next look.
    if (this.#foundIdle === this.since) return "idle";
    this.#foundIdle = this.since;
    return undefined;
  }

  /** It may take long for what the server has to do: its client has the time of an unused connection from the drain on, and again once it is over. */
  #followHandshake(now: number, shaking: boolean): void {
    if (shaking === this.#shook) return;
    this.#shook = shaking;
    this.#shookAt = now;
  }

  #idleMs(): number {
    const { limits, keepAliveMs, draining } = this.#host;
    if (this.used) return keepAliveMs;
    return draining ? Math.max(keepAliveMs, UNUSED_MS) : limits.headerMs;
  }
}
