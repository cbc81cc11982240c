/**
 * An answer to a client that still sends. A connection that is closed with bytes
 * unread is reset (RFC 9112 §9.6), which takes the answer from the client, so the
 * rest is read for a moment.
 */
import type { Clock } from "../../runtime/runtime.ts";
import { withoutTrailers } from "../../http/web/own-answer.ts";
import { refusalHeaders } from "../call/outgoing.ts";
import type { OwnAnswer } from "../call/outgoing.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** How long the rest of a body is read after the answer. */
export const UPLOAD_LINGER_MS = 1000;

/** The answer as a Response that is sent whole and ends when the request does. */
export function lingeringResponse(
  refusal: OwnAnswer,
  { reader, clock }: { reader: Reader; clock: Pick<Clock, "after"> },
): Response {
  const text = new TextEncoder().encode(`${refusal.text}\n`);
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent) {
        sent = true;
        return controller.enqueue(text);
      }
      await drain(reader, clock);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const headers = {
    ...refusalHeaders(refusal),
    "content-length": String(text.length),
  };
  const response = new Response(body, { status: refusal.status, headers });
  return withoutTrailers(response);
}

/** Reads to the end, for a moment at most. */
async function drain(
  reader: Reader,
  clock: Pick<Clock, "after">,
): Promise<void> {
  const timer = clock.after(UPLOAD_LINGER_MS, () => {
    reader.cancel().catch(() => {});
  });
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has left.
    return;
  } finally {
    timer.close();
  }
}
