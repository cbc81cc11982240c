/** What Deno's `fetch()` decodes. */
import type { SentFetch } from "../../src/runtime/web-globals.ts";

/** See `ServingRuntime.decodes`: a single one, and nothing where a part, or no coding, was asked for (2.9.6). */
export function decodes(given: readonly string[], sent: SentFetch): boolean {
  if (given.length !== 1) return false;
  if (given[0] !== "gzip" && given[0] !== "br") return false;
  return sent.header("range") === null &&
    sent.header("accept-encoding") !== "identity";
}
