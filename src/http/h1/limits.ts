/** What a client may send. Sizes are bytes, times milliseconds; 0 turns a time or a rate off. */
export interface WireLimits {
  /** The longest request line, without its end. */
  readonly requestLine: number;
  /** Fields in a head, and in a trailer section. */
  readonly requestFields: number;
  /** The longest field line, with its end. */
  readonly requestFieldSize: number;
  /** The longest body; 0 for any. */
  readonly requestBody: number;
  /** From the first byte of a head, or from the connection, to the head's end. */
  readonly headerMs: number;
  /** Silence in the middle of a body that is being read. */
  readonly bodyMs: number;
  /** The least rate of a body that is being read, in bytes a second. */
  readonly bodyRate: number;
  /** How long a client may take nothing of an answer. */
  readonly writeMs: number;
}

/** Gunicorn's limits for heads, but for the request line: RFC 9112 section 3 asks for 8000 bytes at least. Kestrel's for the rate. */
export const defaultLimits: WireLimits = {
  requestLine: 8190,
  requestFields: 100,
  requestFieldSize: 8190,
  requestBody: 0,
  headerMs: 30_000,
  bodyMs: 30_000,
  bodyRate: 240,
  writeMs: 30_000,
};
