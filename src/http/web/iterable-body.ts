/** Bodies that are given in pieces of more kinds than bytes. */

const encoder = new TextEncoder();

/** A piece of a stream as bytes, as it may be: a text, or bytes in any form. @throws TypeError for anything else */
export function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") return encoder.encode(piece);
  if (ArrayBuffer.isView(piece)) {
    return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  if (piece instanceof ArrayBuffer) return new Uint8Array(piece);
  throw new TypeError("Cannot send a stream: it gives no bytes");
}

/** An async generator, or anything like it, as a stream of bytes; any other body as it is. Deno's own takes only those that give bytes (2.9.6, DENO-ITERABLE-BYTES). */
export function streamOfIterable<T>(body: T): T | ReadableStream<Uint8Array> {
  if (typeof body !== "object" || body === null) return body;
  if (body instanceof ReadableStream || !(Symbol.asyncIterator in body)) {
    return body;
  }
  const iterator = (body as unknown as AsyncIterable<unknown>)
    [Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(bytesOf(value));
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  }, { highWaterMark: 0 });
}
