/** Tasks to measure. */
export const echo = (value: unknown): unknown => value;

/** So many parts of so many bytes. */
export function* stream(count: number, bytes: number) {
  const part = new Uint8Array(bytes);
  for (let at = 0; at < count; at++) yield part;
}
