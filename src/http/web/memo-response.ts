/** A Response that remembers its body, for Bun. */
import { noteContent, notedContent } from "./content-stream.ts";
import { streamOfIterable } from "./iterable-body.ts";
import {
  FORM_LIST,
  isInstance,
  jsonNative,
  lateType,
  Native,
  NO_LIST,
  sizeOf,
  TEXT_LIST,
} from "./native-response.ts";
import type { Body } from "./native-response.ts";
import { asInterface } from "./impersonate.ts";

/**
 * The runtime's own Response that remembers a body which is no stream
 * (ALL-BODY-STREAM): for a
 * runtime much of which takes only its own.
 */
export class MemoResponse extends Native {
  /** The text, or true where it is bytes. */
  readonly #memo: string | true | undefined;
  readonly #blob: Blob | undefined;
  /** How many bytes it has, where it is no text and that is known. */
  readonly #size: number | undefined;
  /** The fields, as long as they cannot have been changed. */
  #list: readonly string[] | undefined;

  constructor(body?: Body, init?: ResponseInit) {
    super(streamOfIterable(body), init);
    let list: readonly string[] | undefined;
    if (typeof body === "string") {
      this.#memo = body;
      list = TEXT_LIST;
    } else if (body === undefined || body === null) list = NO_LIST;
    else if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) {
      this.#memo = true;
      this.#size = body.byteLength;
    } else if (body instanceof URLSearchParams) {
      this.#memo = String(body);
      list = FORM_LIST;
      if (lateType) void super.headers;
    } else if (body instanceof Blob) {
      this.#blob = body;
      this.#size = sizeOf(body);
    } else {
      const content = notedContent(body);
      if (typeof content === "string") this.#memo = content;
      else this.#size = content;
    }
    if (init?.headers === undefined) this.#list = list;
  }

  static override json(data: unknown, init?: ResponseInit): Response {
    return jsonNative(MemoResponse, data, init);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(MemoResponse, this, value);
  }

  override get headers(): Headers {
    this.#list = undefined;
    return super.headers;
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    // A look at the body takes its type from Bun's (1.4.5,
    // BUN-BODY-TAKES-TYPE), unless the headers have it.
    const memo = this.#memo;
    if (lateType && typeof memo !== "string") void super.headers;
    const body = super.body;
    // One that was read does not become another's: the runtime refuses it.
    if (body !== null) {
      noteContent(body, typeof memo === "string" ? memo : this.#size);
    }
    return body;
  }

  /** The fields where they were remembered and not given out. */
  static fields(response: Response): readonly string[] | undefined {
    // A class of an app's may have other headers.
    return #memo in response &&
        Object.getPrototypeOf(response) === MemoResponse.prototype &&
        !Object.hasOwn(response, "headers")
      ? response.#list
      : undefined;
  }

  /** The size of a body that is a stream; undefined where it is not known. */
  static size(response: Response): number | undefined {
    return #memo in response ? response.#size : undefined;
  }

  /** The Blob that is the body, where it is unread. */
  static blob(response: Response): Blob | undefined {
    return #memo in response && !response.bodyUsed ? response.#blob : undefined;
  }

  /** The body where it was remembered and is unread. */
  static memo(response: Response): string | true | undefined {
    return #memo in response && !response.bodyUsed ? response.#memo : undefined;
  }
}

asInterface(MemoResponse, "Response", ["json"]);
