/** Sends a request to a server of others, by the runtime's own `fetch`. */
import type { Post, Posted } from "../../../src/runtime/runtime.ts";

/** More of an answer is of no interest. */
const MOST_TEXT = 16 * 1024;

/** See `Runtime.post`. @throws where there is no answer in time */
export async function post(
  url: string,
  { headers, body, ms }: Post,
): Promise<Posted> {
  const signal = AbortSignal.timeout(ms);
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    signal,
    // What is sent may hold a key for this server alone.
    redirect: "manual",
  });
  const text = await readStart(response.body);
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after") ?? undefined,
    text,
  };
}

async function readStart(
  body: ReadableStream<Uint8Array> | null,
): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < MOST_TEXT) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
