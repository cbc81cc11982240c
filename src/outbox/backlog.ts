/** Messages that wait to be sent, up to a number of bytes. */

/** The most that a stream is given at once. */
const PIECE = 64 * 1024;

/** What each message takes besides its bytes, about. */
const OVERHEAD = 64;

/** What goes out next. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** How many messages it is. */
  readonly count: number;
}

export class Backlog {
  readonly #room: number;
  #messages: Uint8Array[] = [];
  /** Messages at the beginning that are gone already. */
  #gone = 0;
  #size = 0;

  constructor(room: number) {
    this.#room = room;
  }

  /** How many wait. */
  get count(): number {
    return this.#messages.length - this.#gone;
  }

  /** How many are kept, with those that are gone and not let go of yet. */
  get held(): number {
    return this.#messages.length;
  }

  /** Adds a message; false where there is no room for it. The oldest are kept, since they tell how the failure began. */
  push(message: Uint8Array): boolean {
    const size = message.length + OVERHEAD;
    if (this.#size + size > this.#room) return false;
    this.#size += size;
    this.#messages.push(message);
    return true;
  }

  /** The first message. */
  first(): Piece {
    return { bytes: this.#messages[this.#gone] as Uint8Array, count: 1 };
  }

  /** As many as one write should have, each as `frame` writes it. */
  piece(frame: (message: Uint8Array) => Uint8Array): Piece {
    const framed: Uint8Array[] = [];
    let size = 0;
    while (framed.length < this.count) {
      const next = frame(
        this.#messages[this.#gone + framed.length] as Uint8Array,
      );
      if (framed.length > 0 && size + next.length > PIECE) break;
      size += next.length;
      framed.push(next);
    }
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (const one of framed) {
      bytes.set(one, offset);
      offset += one.length;
    }
    return { bytes, count: framed.length };
  }

  /** Forgets the first ones. */
  drop(count: number): void {
    for (let n = 0; n < count; n++) {
      const message = this.#messages[this.#gone + n] as Uint8Array;
      this.#size -= message.length + OVERHEAD;
    }
    this.#gone += count;
    // Moving the rest each time would make a long backlog slow.
    if (this.#gone < 1024 && this.count > 0) return;
    this.#messages = this.#messages.slice(this.#gone);
    this.#gone = 0;
  }
}
