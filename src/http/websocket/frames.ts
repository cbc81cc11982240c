/** What frames are made of: RFC 6455 sections 5.2 and 7.4. */

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The most that a control frame may hold. */
export const MAX_CONTROL = 125;

/** Why a client is refused. */
export interface Fault {
  readonly code: 1002 | 1007 | 1009;
  readonly reason: string;
}

/** True for codes that a close frame may have. */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code < 1015 &&
    code !== 1004 && code !== 1005 && code !== 1006;
}

/** The bits that no byte of ASCII has, in four of them. */
const NOT_ASCII = 0x80808080;

/**
 * Takes the mask off, or puts it on; the bytes must begin with their memory.
 * Gives true where what came of it is ASCII.
 */
export function unmask(bytes: Uint8Array, key: Uint8Array): boolean {
  const { length } = bytes;
  let at = 0;
  let all = 0;
  if (length >= 32) {
    const [word] = new Uint32Array(key.slice().buffer) as unknown as [number];
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, length >> 2);
    for (let index = 0; index < words.length; index++) {
      all |= words[index]! ^= word;
    }
    at = length & ~3;
  }
  for (; at < length; at++) all |= bytes[at]! ^= key[at & 3]!;
  return (all & NOT_ASCII) === 0;
}
