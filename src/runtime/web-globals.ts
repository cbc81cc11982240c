/** The part of the global object where an app finds the web's classes. */
export interface WebGlobals {
  Headers: typeof Headers;
  Request: typeof Request;
  Response: typeof Response;
  fetch: typeof fetch;
}

/** What `fetch()` was called with. */
export interface SentFetch {
  /** A header that was given. */
  header(name: string): string | null;
  /** Bun's own option. */
  readonly decompress: boolean | undefined;
}
