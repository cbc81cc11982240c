/** What a byte may be part of, by table: RFC 9110 section 5.6.2, RFC 9112 section 3.2, RFC 3986. */

/** A token: methods, field names. */
export const TOKEN = 1;
/** A field value: visible bytes, obs-text, space and tab. */
export const VALUE = 2;
/** A request target. */
export const TARGET = 4;
/** A part of a target that a URL parser leaves as it is. */
export const STABLE = 8;
/** A host and its port. */
export const HOST = 16;

export const HTAB = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const COLON = 58;

const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SUB_DELIMS = "!$&'()*+,;=";

/** The bits of each byte. */
export const octets: Uint8Array = new Uint8Array(256);

function mark(text: string, bit: number): void {
  for (let at = 0; at < text.length; at++) {
    octets[text.charCodeAt(at)]! |= bit;
  }
}

mark(`${DIGITS}${LETTERS}!#$%&'*+-.^_\`|~`, TOKEN);
mark(`${DIGITS}${LETTERS}-._~%:[]${SUB_DELIMS}`, HOST);
mark(`${DIGITS}${LETTERS}-._~%:@/?!$&()*+,;=`, STABLE);
for (let byte = 0x20; byte < 256; byte++) {
  if (byte !== 0x7f) octets[byte]! |= VALUE;
  // What browsers leave as it is, beyond what RFC 3986 allows, is let through;
  // a fragment and what no URL parser leaves are not.
  if (byte > 0x20 && byte < 0x7f) octets[byte]! |= TARGET;
}
octets[HTAB]! |= VALUE;
for (const refused of '"#<>') octets[refused.charCodeAt(0)]! &= ~TARGET;

/** The value of a hexadecimal digit, or 255. */
export const hexDigits: Uint8Array = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  hexDigits[text.charCodeAt(0)] = digit;
  hexDigits[text.toUpperCase().charCodeAt(0)] = digit;
}

/** True when all of a text's characters have the bit. */
export function consistsOf(text: string, bit: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255 || (octets[code]! & bit) === 0) return false;
  }
  return true;
}
