/** Writes DER, of which tests make certificates that no tool would. */

/** An element of these parts. */
export function der(
  tag: number,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const value = parts.flatMap((part) => [...part]);
  const size: number[] = [];
  for (let left = value.length; left > 0; left >>= 8) size.unshift(left & 255);
  const head = value.length < 128
    ? [tag, value.length]
    : [tag, 0x80 | size.length, ...size];
  return Uint8Array.from([...head, ...value]);
}

/** Bytes of a text, one for each letter. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
