/** An answer to a client that still sends. */
import { Linger } from "../../base/http/linger.ts";
import type { Clock } from "../../runtime/runtime.ts";
import { withoutTrailers } from "../../http/web/own-answer.ts";
import { refusalHeaders } from "../call/outgoing.ts";
import type { OwnAnswer } from "../call/outgoing.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

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

/** Reads to the end, as long as the client gets. */
async function drain(
  reader: Reader,
  clock: Pick<Clock, "after">,
): Promise<void> {
  const linger = new Linger({
    clock,
    onOver: () => void reader.cancel().catch(() => {}),
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      linger.heard(value.byteLength);
    }
  } catch {
    // The client has left.
  } finally {
    linger.close();
  }
}
