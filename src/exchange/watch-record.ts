/**
 * What a thread of a worker has seen of its blocked event loop, in a piece of
 * memory that another process can read: a mark of 16 bytes, the length of a text
 * in the four that follow, and the text.
 */

/** The bytes of a record. */
export const WATCH_BYTES = 8192;
/** Where its text begins. */
export const WATCH_TEXT_AT = 32;
const LENGTH_AT = 16;

/** The mark of a worker's watch, by that of its flight record: the same bytes from the other end. */
export function watchMark(mark: Uint8Array): Uint8Array {
  return mark.slice().reverse();
}

/** The text; undefined where there is none. A worker may have written anything. */
export function readWatchRecord(
  bytes: Uint8Array | undefined,
): string | undefined {
  if (bytes === undefined || bytes.length !== WATCH_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getInt32(LENGTH_AT, true);
  if (length <= 0 || length > WATCH_BYTES - WATCH_TEXT_AT) return undefined;
  const text = bytes.subarray(WATCH_TEXT_AT, WATCH_TEXT_AT + length);
  return new TextDecoder().decode(text);
}
