/** A stream of something that is known as a whole. */
import { nameClass } from "./impersonate.ts";

/** A text, or bytes that do not change. */
export type Content = string | Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** Gives all of it at the first read. */
class Source {
  readonly type = "bytes" as const;
  readonly content: Content;
  /** True once the stream was read or cancelled. */
  touched = false;

  constructor(content: Content) {
    this.content = content;
  }

  pull(controller: ReadableByteStreamController): void {
    this.touched = true;
    const { content } = this;
    // Streams take the memory of what they are given.
    const bytes = typeof content === "string"
      ? encoder.encode(content)
      : new Uint8Array(content);
    if (bytes.length > 0) controller.enqueue(bytes);
    controller.close();
    // A reader with a buffer of its own waits for it.
    controller.byobRequest?.respond(0);
  }

  cancel(): void {
    this.touched = true;
  }
}

/**
 * The `body` of a Response that is no stream. A Response that is made of it,
 * as `new Response(response.body, response)` is, knows what is in it and is
 * sent without a stream too.
 */
export class ContentStream extends ReadableStream<Uint8Array<ArrayBuffer>> {
  readonly #source: Source;

  constructor(content: Content) {
    const source = new Source(content);
    super(
      source as unknown as UnderlyingSource<Uint8Array<ArrayBuffer>>,
      { highWaterMark: 0 },
    );
    this.#source = source;
  }

  /** What is in a stream of this class that is unread and unlocked; undefined for anything else. */
  static content(value: unknown): Content | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!(#source in value)) return undefined;
    const { touched, content } = value.#source;
    return touched || value.locked ? undefined : content;
  }

  /** True once it was read or cancelled. */
  static isTouched(stream: ContentStream): boolean {
    return stream.#source.touched;
  }
}

nameClass(ContentStream, "ReadableStream");

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
