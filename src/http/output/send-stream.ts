/** The body of a response that is a stream: in chunks, with what follows them, or as it comes (RFC 9112 sections 6 and 7.1). */
import { giveBack, isLent } from "../../base/lent-bytes.ts";
import { bytesOf } from "../web/iterable-body.ts";
import { Output } from "./output.ts";
import type { ResponseBody } from "../web/response-parts.ts";
import { trailerSection } from "../web/trailers.ts";
import type { TrailerField } from "../web/trailers.ts";

/** How a stream is sent. */
export interface StreamOptions {
  readonly output: Output;
  /** Called before the first part is written. */
  begin(): void;
  /** Counts the bytes of the body. */
  readonly observed?: { bytes: number } | undefined;
  /** What follows a body in chunks. */
  readonly trailers?: readonly TrailerField[] | undefined;
  readonly chunked: boolean;
  /** The length that was told. */
  readonly length: number | undefined;
}

const encoder = new TextEncoder();

/** A body of any kind as a stream. */
export function streamOf(
  body: ResponseBody | Promise<ArrayBuffer>,
): ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body;
  return new ReadableStream({
    async start(controller) {
      const whole = await body;
      if (typeof whole === "string") controller.enqueue(encoder.encode(whole));
      else if (whole !== null) controller.enqueue(new Uint8Array(whole));
      controller.close();
    },
  });
}

/** Reads a stream to its end as the client takes it. @throws where what was sent must not pass for whole */
export async function writeStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { output, begin, observed, trailers, chunked, length }: StreamOptions,
): Promise<void> {
  let sent = 0;
  let section = "";
  output.begin();
  try {
    while (!output.closed) {
      const { done, value: piece } = await reader.read();
      if (done) break;
      const value = bytesOf(piece);
      sent += value.length;
      if (length !== undefined && sent > length) {
        throw new RangeError(
          `Cannot send more than the Content-Length of ${length}`,
        );
      }
      if (value.length > 0) begin();
      const end = chunked ? "\r\n" : "";
      if (chunked && value.length > 0) {
        output.add(`${value.length.toString(16)}\r\n`);
      }
      if (value.length === 0) {
        // It would end a body in chunks. One after the other they take time all the same.
      } else if (Output.isLarge(value)) {
        await output.writeAll(value, observed);
        output.write(end);
      } else {
        output.write("", value, end);
        if (observed !== undefined) observed.bytes += value.length;
      }
      const pause = output.pause();
      if (pause !== undefined) await pause;
      if (isLent(value) && output.isOut) giveBack(value);
    }
    if (output.closed) return;
    if (length !== undefined && sent < length) {
      throw new RangeError(
        `Cannot end after ${sent} of ${length} bytes of Content-Length`,
      );
    }
    if (trailers !== undefined) section = await trailerSection(trailers);
  } catch (error) {
    void reader.cancel(error).catch(() => {});
    throw error;
  }
  begin();
  output.write(chunked ? `0\r\n${section}\r\n` : "");
}
