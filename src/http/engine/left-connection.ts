/** A connection that is another protocol's: nothing of what it was before is kept. */
import type { TimedConnection } from "../proxy-protocol/proxy-handshake.ts";
import type { Heir } from "../web/heir.ts";

export class LeftConnection implements TimedConnection {
  readonly #heir: Heir;
  readonly #forget: (one: LeftConnection) => void;

  /** `forget` is called when it is gone. */
  constructor(heir: Heir, forget: (one: LeftConnection) => void) {
    this.#heir = heir;
    this.#forget = forget;
  }

  onData(bytes: Uint8Array): void {
    this.#heir.onData(bytes);
  }

  onDrain(): void {
    this.#heir.onDrain();
  }

  onEnd(): void {
    this.#heir.onEnd();
  }

  onClose(): void {
    this.#heir.onClose();
    this.#forget(this);
  }

  check(now: number): void {
    this.#heir.check(now);
  }

  cut(): void {
    this.#heir.cut();
  }
}
