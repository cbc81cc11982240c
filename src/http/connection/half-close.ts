/** A client that sends no more while it is answered: it has left, or it has said all that it will. */
import type { Output } from "../output/output.ts";

/** How long nothing may flow to it. */
const QUIET_MS = 1000;

export class HalfClose {
  readonly #output: Output;
  /** When the answer was last seen to flow. */
  #flowedAt: number;
  /** How much was written then. */
  #writes: number;

  constructor(output: Output, now: number) {
    this.#output = output;
    this.#flowedAt = now;
    this.#writes = output.writes;
  }

  /** The next of its requests has begun. */
  restart(now: number): void {
    this.#flowedAt = now;
    this.#writes = this.#output.writes;
  }

  /** True where nothing has flowed for so long that it cannot be told from a client that left. */
  isQuiet(now: number): boolean {
    const { writes, busy } = this.#output;
    if (busy || writes !== this.#writes) this.restart(now);
    return now - this.#flowedAt >= QUIET_MS;
  }
}
