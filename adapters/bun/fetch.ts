/** What Bun's `fetch()` decodes. */
import type { SentFetch } from "../../src/runtime/web-globals.ts";

const codings = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"]);

/** See `ServingRuntime.decodes`: a single one (1.4.5). */
export function decodes(
  given: readonly string[],
  { decompress }: SentFetch,
): boolean {
  if (decompress === false) return false;
  const named = given.filter((coding) => coding !== "identity");
  return named.length === 1 && codings.has(named[0] as string);
}
