/**
 * Request bodies of `Deno.serve` that say that they are large. Whatever reads
 * one to its end at once has Deno take the memory for all that Content-Length
 * says, before a byte of it has come, and abort the process where there is no
 * such memory (2.9.5, DENO-LENGTH-TRUSTED). A stream of corn's own is read piece
 * by piece.
 */

// As they are before an app puts something else in their place.
const { ReadableStream, Request } = globalThis;

/** What may be taken in advance. */
const MOST_AT_ONCE = 64 * 1024 * 1024;

/** Where Deno keeps what a Request is made of. */
interface Inner {
  /** Asks for one header, without making Headers. */
  header?(name: string): string | null;
}

const inner = Object.getOwnPropertySymbols(new Request("http://localhost"))
  .find(({ description }) => description === "request");

function lengthOf(request: Request): number {
  const own = inner && (request as unknown as Record<symbol, Inner>)[inner];
  return Number(
    own?.header === undefined
      ? request.headers.get("content-length")
      : own.header("content-length"),
  );
}

/** The request, or one like it where its body says that it is large. */
export function withOwnBody(request: Request): Request {
  if (request.method === "GET" || request.method === "HEAD") return request;
  if (!(lengthOf(request) > MOST_AT_ONCE) || request.body === null) {
    return request;
  }
  const reader = request.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  const { url } = request;
  const own = new Request(request, { body, ...{ duplex: "half" } });
  // As it was said: whether it is one is judged later.
  Object.defineProperty(own, "url", { configurable: true, value: url });
  return own;
}
