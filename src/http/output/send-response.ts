/** Writes a response: its framing, and its body in one piece or as a stream (RFC 9112 section 6, RFC 9110 section 6.4.1). */
import { isThenable } from "../../base/promise.ts";
import { beginHead } from "./response-head.ts";
import type { ResponseIntent } from "./response-head.ts";
import { filePart } from "../web/file-range.ts";
import type { Head } from "../h1/head.ts";
import { Output } from "./output.ts";
import { streamOf, writeStream } from "./send-stream.ts";
import { takeApart } from "../web/take-apart.ts";
import type { Parts } from "../web/response-parts.ts";
import { trailerLine } from "../web/trailers.ts";
import type { TrailerField } from "../web/trailers.ts";

/** What is known when a response is sent. */
export interface SendOptions {
  readonly head: Pick<Head, "method" | "minor"> & Partial<Pick<Head, "field">>;
  readonly output: Output;
  /** True where the connection ends after it. */
  readonly closes: boolean;
  /** True where it does after all but a stream without a length, which may be made of the request's body. */
  readonly closesWhole?: boolean;
  /** The Date field's line. */
  readonly date: string;
  byteLength(text: string): number;
  /** The size of the file behind a Blob, where the runtime has such. */
  readonly fileSize?: ((blob: Blob) => number | undefined) | undefined;
  /** Counts the bytes of the body. */
  readonly observed?: { bytes: number } | undefined;
  /** What follows the body; only to a client that can read it. */
  readonly trailers?: readonly TrailerField[] | undefined;
}

/** A response on its way. */
export interface Sending {
  /** True where the connection ends after it. */
  readonly closes: boolean;
  /** Resolves when all of it was written, rejects where it must not pass for whole; undefined where it was written at once. */
  readonly done: Promise<void> | undefined;
  /** True for a stream of the app's whose head is on its way. */
  readonly streams?: boolean;
  /** Cancels the app's stream. */
  cancel(reason: unknown): void;
  /** Takes back what is not written yet; false where something is, or may be. */
  retract?(): boolean;
  /** The status where it is not the response's own. */
  readonly status?: number | undefined;
}

const encoder = new TextEncoder();
const nothing = (): void => {};

/** Frees what a response holds that is not sent. */
export function discard(response: Response): void {
  try {
    void response.body?.cancel().catch(nothing);
  } catch {
    // It is locked: it has a reader.
  }
}

/** Begins to send a response. @throws where it cannot be sent; then nothing was written */
export function sendResponse(
  response: Response,
  options: SendOptions,
): Sending {
  const part = filePart(response, options);
  if (part === undefined) return sendParts(takeApart(response), options);
  return { ...sendParts(part, options), status: part.status };
}

function sendParts(parts: Parts, options: SendOptions): Sending {
  const { status } = parts;
  if (status === 101) {
    throw new RangeError(
      "Cannot switch protocols: the wire engine serves no WebSockets",
    );
  }
  // Response.error() has 0.
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new RangeError(`Cannot send a response of status ${status}`);
  }
  const intent: ResponseIntent = { closes: options.closes, length: undefined };
  const text = beginHead(parts, { date: options.date, intent });
  const { body } = parts;
  intent.length ??= parts.size;
  if (
    options.closesWhole === true &&
    (intent.length !== undefined || !(body instanceof ReadableStream))
  ) intent.closes = true;
  if (options.head.method === "HEAD" || status === 204 || status === 304) {
    return sendHead(text, { parts, intent, options });
  }
  if (options.trailers !== undefined) {
    return sendStream(text, streamOf(body), { intent, options });
  }
  if (typeof body === "string") {
    return sendText(text, body, { intent, options });
  }
  if (body === null || body instanceof Uint8Array) {
    return sendBytes(text, body, { intent, options });
  }
  if (isThenable(body)) {
    let begun = false;
    const done = body.then((buffer) => {
      begun = true;
      return sendBytes(text, new Uint8Array(buffer), { intent, options }).done;
    });
    const retract = () => !begun;
    return { closes: intent.closes, done, cancel: nothing, retract };
  }
  return sendStream(text, body, { intent, options });
}

/** What the functions below share. */
interface Context {
  readonly intent: ResponseIntent;
  readonly options: SendOptions;
}

/** The Connection field's line, and the end of the head. */
function connection({ intent, options }: Context): string {
  if (intent.closes) return "connection: close\r\n\r\n";
  // HTTP/1.0 closes unless both say otherwise.
  return options.head.minor === 0 ? "connection: keep-alive\r\n\r\n" : "\r\n";
}

/** A response without a body; the length that it would have is told where it is known. */
function sendHead(
  text: string,
  { parts, ...context }: Context & { readonly parts: Parts },
): Sending {
  const { intent, options } = context;
  const { body } = parts;
  if (body instanceof ReadableStream) void body.cancel().catch(nothing);
  const length = typeof body === "string"
    ? options.byteLength(body)
    : body instanceof Uint8Array
    ? body.length
    : intent.length;
  // RFC 9110 section 8.6: a 204 has none.
  const line = parts.status === 204 || length === undefined ||
      (parts.status === 304 && intent.length === undefined)
    ? ""
    : `content-length: ${length}\r\n`;
  options.output.write(text + line + connection(context));
  return { closes: intent.closes, done: undefined, cancel: nothing };
}

function sendText(text: string, body: string, context: Context): Sending {
  const { intent, options } = context;
  const length = options.byteLength(body);
  const head = `${text}content-length: ${length}\r\n${connection(context)}`;
  // All ASCII: characters are bytes.
  if (length === body.length && length < 64 * 1024) {
    if (options.observed !== undefined) options.observed.bytes = length;
    options.output.write(head + body);
    return { closes: intent.closes, done: undefined, cancel: nothing };
  }
  return sendWhole(head, encoder.encode(body), context);
}

function sendBytes(
  text: string,
  body: Uint8Array | null,
  context: Context,
): Sending {
  const head = `${text}content-length: ${body?.length ?? 0}\r\n${
    connection(context)
  }`;
  if (body !== null && body.length > 0) return sendWhole(head, body, context);
  context.options.output.write(head);
  return { closes: context.intent.closes, done: undefined, cancel: nothing };
}

function sendWhole(
  head: string,
  body: Uint8Array,
  { intent, options }: Context,
): Sending {
  const { output, observed } = options;
  let done: Promise<void> | undefined;
  if (Output.isLarge(body)) {
    output.add(head);
    output.begin();
    done = output.writeAll(body, observed);
  } else {
    output.write(head, body);
    if (observed !== undefined) observed.bytes = body.length;
  }
  return { closes: intent.closes, done, cancel: nothing };
}

function sendStream(
  text: string,
  body: ReadableStream<Uint8Array>,
  context: Context,
): Sending {
  const { intent, options } = context;
  const { trailers } = options;
  // Only the chunked coding has a place for trailers.
  const chunked = trailers !== undefined ||
    (intent.length === undefined && options.head.minor === 1);
  // To HTTP/1.0 the end of the connection is the end of the body.
  if (intent.length === undefined && !chunked) intent.closes = true;
  const announced = trailers === undefined ? "" : trailerLine(trailers);
  const framing = chunked
    ? `${announced}transfer-encoding: chunked\r\n`
    : intent.length === undefined
    ? ""
    : `content-length: ${intent.length}\r\n`;
  const reader = body.getReader();
  const head = new HeldHead(
    text + framing + connection(context),
    options.output,
  );
  return {
    closes: intent.closes,
    done: writeStream(reader, {
      ...options,
      begin: () => head.release(),
      chunked,
      length: intent.length,
    }),
    streams: true,
    cancel: (reason) => void reader.cancel(reason).catch(nothing),
    retract: () => head.retract(),
  };
}

/** A head that goes out with the first part, where that is there at once, or after what is at hand. */
class HeldHead {
  #text: string | undefined;
  readonly #output: Output;

  constructor(text: string, output: Output) {
    this.#text = text;
    this.#output = output;
    output.flushSoon(() => this.release());
  }

  /** Gives it to the output. */
  release(): void {
    const text = this.#text;
    this.#text = undefined;
    if (text !== undefined) this.#output.add(text);
  }

  /** Drops it; false where it is out. */
  retract(): boolean {
    const held = this.#text !== undefined;
    this.#text = undefined;
    return held;
  }
}
