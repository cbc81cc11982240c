/** A stream of something that is known as a whole. */
import { asInterface, standIn } from "./impersonate.ts";
import { Native } from "./native-response.ts";

/** A text, or bytes that do not change. */
export type Content = string | Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** The real one. */
export type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * The `body` of a Response that is no stream. A Response that is made of it,
 * as `new Response(response.body, response)` is, knows what is in it and is
 * sent without a stream too. It becomes a real one when it is read, since to
 * make one costs more than such a Response does (ALL-BODY-STREAM).
 */
export class ContentStream {
  readonly #content: Content;
  #native: Stream | undefined;
  /** True once the stream was read or cancelled. */
  #touched = false;

  constructor(content: Content) {
    this.#content = content;
  }

  /** What is in a stream of this class that is unread and unlocked; undefined for anything else. */
  static content(value: unknown): Content | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!(#content in value)) return undefined;
    return value.locked || value.#isTouched ? undefined : value.#content;
  }

  /** True once it was read or cancelled. */
  static isTouched(stream: ContentStream): boolean {
    return stream.#isTouched;
  }

  get #isTouched(): boolean {
    if (this.#touched || this.#native === undefined || this.locked) {
      return this.#touched;
    }
    try {
      // A read that was given up before its turn has asked for nothing, and no
      // Response takes what was read.
      new Native(this.#native);
    } catch {
      this.#touched = true;
    }
    return this.#touched;
  }

  /** The same as a stream of the runtime's own class. */
  static toNative(stream: ContentStream): Stream {
    return stream.#native ??= stream.#make();
  }

  /** Gives all of it at the first read. */
  #make(): Stream {
    const source: UnderlyingByteSource = {
      type: "bytes",
      pull: (controller) => {
        this.#touched = true;
        const content = this.#content;
        // Streams take the memory of what they are given.
        const bytes = typeof content === "string"
          ? encoder.encode(content)
          : new Uint8Array(content);
        if (bytes.length > 0) controller.enqueue(bytes);
        controller.close();
        // A reader with a buffer of its own waits for it.
        controller.byobRequest?.respond(0);
      },
      cancel: () => {
        this.#touched = true;
      },
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  get locked(): boolean {
    return this.#native !== undefined && this.#native.locked;
  }

  cancel(reason?: unknown): Promise<void> {
    return ContentStream.toNative(this).cancel(reason);
  }
  getReader(...args: []): ReturnType<Stream["getReader"]> {
    return ContentStream.toNative(this).getReader(...args);
  }
  pipeThrough(
    ...args: Parameters<Stream["pipeThrough"]>
  ): ReturnType<Stream["pipeThrough"]> {
    return ContentStream.toNative(this).pipeThrough(...args);
  }
  pipeTo(...args: Parameters<Stream["pipeTo"]>): Promise<void> {
    return ContentStream.toNative(this).pipeTo(...args);
  }
  tee(): [Stream, Stream] {
    return ContentStream.toNative(this).tee() as [Stream, Stream];
  }
  values(
    ...args: Parameters<Stream["values"]>
  ): ReturnType<Stream["values"]> {
    return ContentStream.toNative(this).values(...args);
  }
  [Symbol.asyncIterator](
    ...args: Parameters<Stream["values"]>
  ): ReturnType<Stream["values"]> {
    return ContentStream.toNative(this).values(...args);
  }
}

standIn(
  ContentStream.prototype,
  new ReadableStream(),
  ContentStream.toNative,
);
asInterface(ContentStream, "ReadableStream");

/** Its constructor gives back what it was given, so that fields of a subclass are put on that. */
const Given = function (given: object): object {
  return given;
} as unknown as new (given: object) => object;

/** What is known of a stream that is none of these, as a field of it: to look it up in a WeakMap takes longer than all else here. */
class Note extends Given {
  #content: string | number;

  constructor(stream: object, content: string | number) {
    super(stream);
    this.#content = content;
  }

  static write(stream: object, content: string | number): void {
    if (#content in stream) stream.#content = content;
    else new Note(stream, content);
  }

  static read(stream: object): string | number | undefined {
    return #content in stream ? stream.#content : undefined;
  }
}

/** Remembers what is in an unread stream: its text, or how many bytes. */
export function noteContent(
  stream: object,
  content: string | number | undefined,
): void {
  if (content !== undefined) Note.write(stream, content);
}

/** What was noted of a stream; undefined for anything else. */
export function notedContent(value: unknown): string | number | undefined {
  return typeof value === "object" && value !== null
    ? Note.read(value)
    : undefined;
}
