/** SHA-256 (RFC 6234), for the fingerprint of a certificate, which is wanted at once: the web's own digests come later. */

const primes: number[] = [];
for (let one = 2; primes.length < 64; one++) {
  if (primes.every((prime) => one % prime !== 0)) primes.push(one);
}

/** The first 32 bits of a number's fraction. */
function fraction(value: number): number {
  return (value - Math.floor(value)) * 2 ** 32 >>> 0;
}

const ROUNDS: Uint32Array = Uint32Array.from(
  primes,
  (prime) => fraction(Math.cbrt(prime)),
);
const START: Uint32Array = Uint32Array.from(
  primes.slice(0, 8),
  (prime) => fraction(Math.sqrt(prime)),
);

function rotated(word: number, by: number): number {
  return word >>> by | word << (32 - by);
}

/** The digest, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const padded = new Uint8Array(((length + 8 >> 6) + 1) * 64);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, length * 8);
  view.setUint32(padded.length - 8, length / 2 ** 29);
  const hash = START.slice();
  const words = new Uint32Array(64);
  for (let from = 0; from < padded.length; from += 64) {
    for (let at = 0; at < 16; at++) words[at] = view.getUint32(from + at * 4);
    extend(words);
    mix(hash, words);
  }
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, at) => digest.setUint32(at * 4, word));
  return new Uint8Array(digest.buffer);
}

function extend(words: Uint32Array): void {
  for (let at = 16; at < 64; at++) {
    const near = words[at - 2]!;
    const far = words[at - 15]!;
    words[at] = words[at - 16]! + words[at - 7]! +
      (rotated(far, 7) ^ rotated(far, 18) ^ far >>> 3) +
      (rotated(near, 17) ^ rotated(near, 19) ^ near >>> 10);
  }
}

function mix(hash: Uint32Array, words: Uint32Array): void {
  let a = hash[0]!, b = hash[1]!, c = hash[2]!, d = hash[3]!;
  let e = hash[4]!, f = hash[5]!, g = hash[6]!, h = hash[7]!;
  for (let at = 0; at < 64; at++) {
    const one = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
        (e & f ^ ~e & g) + ROUNDS[at]! + words[at]! | 0;
    const two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) +
        (a & b ^ a & c ^ b & c) | 0;
    h = g;
    g = f;
    f = e;
    e = d + one | 0;
    d = c;
    c = b;
    b = a;
    a = one + two | 0;
  }
  // What a Uint32Array is given is taken modulo 2^32.
  hash[0]! += a;
  hash[1]! += b;
  hash[2]! += c;
  hash[3]! += d;
  hash[4]! += e;
  hash[5]! += f;
  hash[6]! += g;
  hash[7]! += h;
}
