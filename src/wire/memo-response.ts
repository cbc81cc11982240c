/** A Response that remembers its body, for Bun and Deno. */
import {
  isInstance,
  jsonResponse,
  Native,
  NO_LIST,
  sizeOf,
  TEXT_LIST,
} from "./native-response.ts";
import type { Body } from "./native-response.ts";
import { asInterface } from "./stand-in.ts";

/**
 * The runtime's own Response that remembers a body which is no stream: for
 * runtimes whose own servers must go on to know it as theirs.
 */
export class MemoResponse extends Native {
  /** The bytes of a Blob, such as a file of Bun's. */
  readonly #size: number | undefined;
  /** The text, or true where it is bytes. */
  readonly #memo: string | true | undefined;
  /** The fields, as long as nobody can have changed them. */
  #list: readonly string[] | undefined;

  constructor(body?: Body, init?: ResponseInit) {
    super(body, init);
    if (init?.headers === undefined) {
      if (typeof body === "string") this.#list = TEXT_LIST;
      else if (body === undefined || body === null) this.#list = NO_LIST;
    }
    if (typeof body === "string") this.#memo = body;
    else if (body instanceof Uint8Array || body instanceof ArrayBuffer) {
      this.#memo = true;
    } else this.#size = sizeOf(body);
  }

  static override json(data: unknown, init?: ResponseInit): Response {
    return jsonResponse(MemoResponse, data, init);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(MemoResponse, this, value);
  }

  override get headers(): Headers {
    this.#list = undefined;
    return super.headers;
  }

  /** The fields where they were remembered and nobody has seen them. */
  static fields(response: Response): readonly string[] | undefined {
    return #memo in response ? response.#list : undefined;
  }

  /** The size of a body that is a stream; undefined where it is not known. */
  static size(response: Response): number | undefined {
    return #size in response ? response.#size : undefined;
  }

  /** The body where it was remembered and nobody has read it. */
  static memo(response: Response): string | true | undefined {
    return #memo in response && !response.bodyUsed ? response.#memo : undefined;
  }
}

asInterface(MemoResponse, "Response", ["json"]);
