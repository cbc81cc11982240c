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

const key = new Uint8Array(4);
const keyWord = new Int32Array(key.buffer);

/** Memory as bytes and as words of 32 bits. */
export interface Memory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
}

/** The memory that bytes begin with. */
export function memoryOf({ buffer }: Uint8Array<ArrayBuffer>): Memory {
  const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  return { bytes: new Uint8Array(buffer), words };
}

/** The head of a frame with a mask, which is its last four bytes. */
export interface MaskedHead {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/**
 * Takes the mask off the first `length` bytes. Gives true where what came of it
 * is ASCII.
 */
export function unmask(
  { bytes, words }: Memory,
  length: number,
  head: MaskedHead,
): boolean {
  for (let at = 0; at < 4; at++) key[at] = head.bytes[head.size - 4 + at]!;
  const word = keyWord[0]!;
  const whole = length >> 2;
  let all = 0;
  let at = 0;
  // Four in a turn take two thirds of the time.
  for (; at + 3 < whole; at += 4) {
    all |= (words[at]! ^= word) | (words[at + 1]! ^= word) |
      (words[at + 2]! ^= word) | (words[at + 3]! ^= word);
  }
  for (; at < whole; at++) all |= words[at]! ^= word;
  for (at *= 4; at < length; at++) all |= bytes[at]! ^= key[at & 3]!;
  return (all & NOT_ASCII) === 0;
}
