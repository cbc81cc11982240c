/** Pieces of a body that are put together before the app has them: a body in chunks of one byte would take some hundred times its memory. */
import { Gathered } from "../../http/web/byte-collector.ts";
import type { Clock } from "../../runtime/runtime.ts";

/** A piece of fewer bytes is put together with those after it. */
const SMALL_BYTES = 2048;
/** How many bytes are put together at most, and how long one waits for those after it. */
const MOST_BYTES = 64 * 1024;
const WAIT_MS = 1;

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Piece = Awaited<ReturnType<Reader["read"]>>;

export class GatheringReader {
  readonly #reader: Reader;
  readonly #clock: Pick<Clock, "after">;
  /** A read whose piece is not taken yet. */
  #ahead: Promise<Piece> | undefined;

  constructor(reader: Reader, clock: Pick<Clock, "after">) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The next pieces as one; undefined at the end. @throws what the body fails with */
  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await (this.#ahead ?? this.#reader.read());
    this.#ahead = undefined;
    if (done) return undefined;
    return value.byteLength < SMALL_BYTES ? await this.#gather(value) : value;
  }

  #gather(first: Uint8Array): Promise<Uint8Array> {
    const gathered = new Gathered(0);
    let size = first.byteLength;
    gathered.add(first, 0, size);
    return new Promise((resolve) => {
      let open = true;
      const finish = () => {
        open = false;
        timer.close();
        resolve(gathered.take());
      };
      const timer = this.#clock.after(WAIT_MS, finish);
      const readOn = () => {
        const ahead = this.#ahead = this.#reader.read();
        ahead.then(({ done, value }) => {
          if (!open) return;
          if (done || value.byteLength >= SMALL_BYTES) return finish();
          this.#ahead = undefined;
          gathered.add(value, 0, value.byteLength);
          size += value.byteLength;
          if (size < MOST_BYTES) readOn();
          else finish();
        }, () => {
          // The next read meets it.
          if (open) finish();
        });
      };
      readOn();
    });
  }
}
