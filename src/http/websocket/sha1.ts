/** SHA-1 (RFC 3174), which a handshake is answered with at once: the web's own digests come later. */

/** The digest of a text of ASCII. */
export function sha1(text: string): Uint8Array {
  const { length } = text;
  const words = new Uint32Array(((length + 8 >> 6) + 1) * 16);
  for (let at = 0; at < length; at++) {
    words[at >> 2]! |= text.charCodeAt(at) << (24 - (at & 3) * 8);
  }
  words[length >> 2]! |= 0x80 << (24 - (length & 3) * 8);
  words[words.length - 1] = length * 8;
  const hash = new Uint32Array([
    ...[0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0],
  ]);
  const block = new Uint32Array(80);
  for (let from = 0; from < words.length; from += 16) {
    block.set(words.subarray(from, from + 16));
    for (let at = 16; at < 80; at++) {
      block[at] = rotated(
        block[at - 3]! ^ block[at - 8]! ^ block[at - 14]! ^ block[at - 16]!,
        1,
      );
    }
    mix(hash, block);
  }
  const digest = new Uint8Array(20);
  for (let at = 0; at < 20; at++) {
    digest[at] = hash[at >> 2]! >>> (24 - (at & 3) * 8);
  }
  return digest;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function mix(hash: Uint32Array, block: Uint32Array): void {
  let [a, b, c, d, e] = hash as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  for (let at = 0; at < 80; at++) {
    const [f, k] = at < 20
      ? [(b & c) | (~b & d), 0x5a827999]
      : at < 40
      ? [b ^ c ^ d, 0x6ed9eba1]
      : at < 60
      ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
      : [b ^ c ^ d, 0xca62c1d6];
    const next = (rotated(a, 5) + f + e + k + block[at]!) | 0;
    [a, b, c, d, e] = [next, a, rotated(b, 30), c, d];
  }
  for (const [at, word] of [a, b, c, d, e].entries()) hash[at]! += word;
}
