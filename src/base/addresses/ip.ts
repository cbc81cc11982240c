/** IP addresses as bytes and as text: RFC 4291 section 2.2, RFC 5952. */

const DOT = 46;
const COLON = 58;

/**
 * The bytes of an address, 4 or 16 of them, or undefined where the text is none.
 * Numbers have no zeroes in front, and there is no zone.
 */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text, 0);
}

function parseV4(text: string, from: number): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let at = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const start = at;
    let value = 0;
    for (; at < start + 3; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const padded = at - start > 1 && text.charCodeAt(start) === 48;
    if (at === start || value > 255 || padded) return undefined;
    bytes[part] = value;
  }
  return at === text.length ? bytes : undefined;
}

function parseV6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  let size = 0;
  /** Where `::` stands, in bytes. */
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (size === 16) return undefined;
    const start = at;
    let value = 0;
    for (; at < start + 4; at++) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (at === start) return undefined;
    if (text.charCodeAt(at) === DOT) {
      const tail = size <= 12 ? parseV4(text, start) : undefined;
      if (tail === undefined) return undefined;
      bytes.set(tail, size);
      size += 4;
      break;
    }
    bytes[size++] = value >> 8;
    bytes[size++] = value & 255;
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined;
    if (text.charCodeAt(at) !== COLON) continue;
    if (gap >= 0) return undefined;
    gap = size;
    at++;
  }
  if (gap < 0) return size === 16 ? bytes : undefined;
  // `::` stands for one group at least.
  if (size > 14) return undefined;
  bytes.copyWithin(16 - (size - gap), gap, size);
  bytes.fill(0, gap, 16 - (size - gap));
  return bytes;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The text of an address's bytes, as RFC 5952 writes it. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const mapped = unmapped(bytes);
  if (mapped !== bytes) return `::ffff:${mapped.join(".")}`;
  const groups = Array.from(
    { length: 8 },
    (_, at) => bytes[at * 2]! << 8 | bytes[at * 2 + 1]!,
  );
  const { from, to } = longestZeroes(groups);
  const join = (part: readonly number[]) =>
    part.map((group) => group.toString(16)).join(":");
  return to - from < 2
    ? join(groups)
    : `${join(groups.slice(0, from))}::${join(groups.slice(to))}`;
}

/** The first of the longest runs of zeroes. */
function longestZeroes(
  groups: readonly number[],
): { from: number; to: number } {
  let best = { from: 0, to: 0 };
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (groups[to] === 0) to++;
    if (to - from > best.to - best.from) best = { from, to };
  }
  return best;
}

/** The IPv4 address that an IPv4-mapped one stands for (RFC 4291 section 2.5.5.2), or the address itself. */
export function unmapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16 || bytes[10] !== 255 || bytes[11] !== 255) {
    return bytes;
  }
  return bytes.subarray(0, 10).some((byte) => byte !== 0)
    ? bytes
    : bytes.subarray(12);
}
