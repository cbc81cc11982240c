/** How fast a body comes. */
import type { WireLimits } from "../h1/limits.ts";

/** A body may be slow for so long before its rate counts. */
const GRACE_MS = 5000;

export class Pace {
  #since = 0;
  #bytes = 0;
  #at = 0;

  /** Begins to count: the client may send. */
  begin(now: number): void {
    this.#since = this.#at = now;
    this.#bytes = 0;
  }

  note(bytes: number, now: number): void {
    this.#bytes += bytes;
    this.#at = now;
  }

  /** True where the client was silent for too long, or sends too little. */
  isSlow(now: number, { bodyMs, bodyRate }: WireLimits): boolean {
    if (bodyMs > 0 && now - this.#at >= bodyMs) return true;
    const time = now - this.#since;
    return time >= GRACE_MS && this.#bytes < bodyRate * time / 1000;
  }
}
