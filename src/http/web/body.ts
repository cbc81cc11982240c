/** The body of a request on its way from the connection to the app. */
import { deferred } from "../../base/promise.ts";
import { Gathered } from "./byte-collector.ts";
import { GatheredText } from "./text-collector.ts";
import { Pieces } from "./pieces.ts";
import type { Transport } from "../../runtime/transport.ts";

/** What a body asks of its connection. */
export interface BodySource {
  /** The app begins to read: the time for `100 Continue`. */
  onWanted(): void;
  /** Stops or begins the flow. */
  pauseBody(): void;
  resumeBody(): void;
}

export interface BodyOptions {
  /** How many bytes were announced; 0 where it is not known. */
  readonly length: number;
  /** True where bytes are only lent, see `Channel.lends`. */
  readonly lent: boolean;
  readonly join: Transport["join"];
}

/** Bytes that are held before the connection is paused. */
const HIGH_WATER = 64 * 1024;

const decoder = new TextDecoder();

/** A waiting read of a stream. */
interface Pull {
  resolve(bytes: Uint8Array | undefined): void;
  reject(reason: unknown): void;
}

export class IncomingBody {
  /** True once the app began to read. */
  used = false;
  /** True when the last byte is here, or never will be. */
  ended = false;
  /** True when the last byte is here. */
  whole = false;
  /** What came after it: names in lower case and values, one after the other. */
  trailers: readonly string[] = [];
  #arrival: PromiseWithResolvers<void> | undefined;
  readonly #source: BodySource;
  readonly #options: BodyOptions;
  /** What came of lent bytes since all of it is wanted. */
  #gathered: Gathered | GatheredText | undefined;
  readonly #held = new Pieces();
  #error: unknown;
  #failed = false;
  #collects = false;
  #discards = false;
  #pull: Pull | undefined;

  constructor(source: BodySource, options: BodyOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Takes `bytes`, or what of them is between `from` and `to`. */
  push(bytes: Uint8Array, from: number = 0, to: number = bytes.length): void {
    if (this.#discards) return;
    if (this.#pull !== undefined && !this.#collects) {
      const { resolve } = this.#pull;
      this.#pull = undefined;
      return resolve(bytes.subarray(from, to));
    }
    if (this.#gathered !== undefined) {
      return this.#gathered.add(bytes, from, to);
    }
    const held = this.#held;
    held.add(bytes, { from, to, lent: this.#options.lent });
    if (!this.#collects && held.size >= HIGH_WATER) this.#source.pauseBody();
  }

  /** The last byte was pushed. */
  end(): void {
    this.ended = this.whole = true;
    this.#arrival?.resolve();
    this.#pull?.resolve(undefined);
    this.#pull = undefined;
  }

  /** What comes will not be whole. */
  fail(error: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.#failed = true;
    this.#error = error;
    this.#arrival?.reject(error);
    this.#held.take();
    this.#gathered = undefined;
    this.#pull?.reject(error);
    this.#pull = undefined;
  }

  /** Resolves when the last byte is here, which it is not before the app has read what is held. */
  arrived(): Promise<void> {
    if (this.whole) return Promise.resolve();
    if (this.#failed) return Promise.reject(this.#error);
    this.#arrival ??= deferred();
    this.#arrival.promise.catch(() => {});
    return this.#arrival.promise;
  }

  /** True once the rest is thrown away. */
  get unwanted(): boolean {
    return this.#discards;
  }

  /** Takes no notice of what comes. */
  discard(): void {
    this.#discards = true;
    this.#held.take();
    this.#gathered = undefined;
    this.#source.resumeBody();
  }

  /** All of it, once. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const { length } = this.#options;
    const gathered = this.#gathers ? new Gathered(length) : undefined;
    await this.#collect(gathered);
    return gathered?.take() ?? this.#join();
  }

  /** All of it as text, once. */
  async text(): Promise<string> {
    // Where its size is known, to decode it at once takes less time.
    if (this.#options.length > 0 || !this.#gathers) {
      return decoder.decode(await this.bytes());
    }
    const gathered = new GatheredText();
    await this.#collect(gathered);
    return gathered.take();
  }

  /** True where bytes must be put together as they come. */
  get #gathers(): boolean {
    return this.#options.lent && !this.ended;
  }

  /** Waits for all of it, which is put into `gathered` from now on. */
  async #collect(gathered: Gathered | GatheredText | undefined): Promise<void> {
    this.#want();
    this.#collects = true;
    if (gathered !== undefined) {
      for (const bytes of this.#held.take()) {
        gathered.add(bytes, 0, bytes.length);
      }
      this.#gathered = gathered;
    }
    this.#source.resumeBody();
    if (!this.ended) {
      await new Promise<unknown>((resolve, reject) => {
        this.#pull = { resolve, reject };
      });
    }
    if (this.#failed) throw this.#error;
  }

  /** Takes what is held as one piece. */
  #join(): Uint8Array<ArrayBuffer> {
    const { size } = this.#held;
    const pieces = this.#held.take();
    if (pieces.length === 1) return pieces[0] as Uint8Array<ArrayBuffer>;
    return this.#options.join(pieces, size);
  }

  /** It as a stream, which pulls no more than is read. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        const bytes = await this.#next();
        if (bytes === undefined) {
          controller.close();
          // A reader with a buffer of its own waits for it.
          controller.byobRequest?.respond(0);
        } else {
          controller.enqueue(bytes);
        }
      },
      cancel: () => this.discard(),
    }, { highWaterMark: 0 });
  }

  #want(): void {
    if (this.used) return;
    this.used = true;
    if (!this.ended) this.#source.onWanted();
  }

  #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#want();
    if (this.#failed) return Promise.reject(this.#error);
    const bytes = this.#held.shift();
    if (bytes !== undefined) {
      if (this.#held.size < HIGH_WATER) this.#source.resumeBody();
      // Streams take the memory of what they are given: others may hold it too.
      return Promise.resolve(
        this.#options.lent
          ? bytes as Uint8Array<ArrayBuffer>
          : new Uint8Array(bytes),
      );
    }
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#pull = {
        resolve: (next) => resolve(next && new Uint8Array(next)),
        reject,
      };
    });
  }
}
