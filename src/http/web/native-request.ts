/** A request of the runtime's own class in place of one of corn's. */
import { HeaderMirror } from "./header-mirror.ts";
import { WireHeaders } from "./headers.ts";

/** The runtime's own Request; `globals.ts` puts something else in its place. */
export const Native: typeof Request = Request;

/** What one is made of. */
export type RequestSource = Pick<
  Request,
  "url" | "method" | "headers" | "signal"
>;

/** Has the body of a request from now on, and follows its headers. */
export class NativeRequest {
  readonly #request: Request;
  readonly #mirror: HeaderMirror;

  constructor(source: RequestSource, body: BodyInit | null) {
    const { headers } = source;
    const list = WireHeaders.list(headers as unknown as WireHeaders);
    this.#mirror = new HeaderMirror(list);
    this.#request = makeNative(source, body);
  }

  get body(): Request["body"] {
    return this.#request.body;
  }

  get bodyUsed(): boolean {
    return this.#request.bodyUsed;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#request.arrayBuffer();
  }

  /** The request itself, with the headers that the other has now. */
  current(): Request {
    this.#mirror.update(this.#request.headers);
    return this.#request;
  }
}

/** One whose body was `used`, or has a reader: the runtime knows what may be done with such a request. */
export function makeReadRequest(source: RequestSource, used: boolean): Request {
  // Bytes add no type to its headers, as a text does.
  const made = makeNative(source, new Uint8Array(1));
  if (used) void made.arrayBuffer();
  else made.body?.getReader();
  return made;
}

function makeNative(
  { url, method, headers, signal }: RequestSource,
  body: BodyInit | null,
): Request {
  return new Native(url, {
    method,
    headers: [...headers],
    signal,
    ...(body === null ? {} : { body, duplex: "half" }),
  } as RequestInit);
}
