/** What Node's `fetch()` decodes. */
import process from "node:process";

const codings = new Set(["gzip", "x-gzip", "deflate", "br"]);
// undici 7, of Node 24 (ALL-FETCH-DECODED).
if (Number.parseInt(process.versions.undici ?? "", 10) >= 7) {
  codings.add("zstd");
}

/** See `ServingRuntime.decodes`: all of them, or none (24.21). */
export function decodes(given: readonly string[]): boolean {
  return given.every((coding) => codings.has(coding));
}
