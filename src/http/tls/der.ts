/** DER (ITU-T X.690), as far as certificates are made of it. */

/** One element. */
export interface Element {
  readonly tag: number;
  readonly value: Uint8Array;
  /** With its tag and length. */
  readonly whole: Uint8Array;
}

export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  time: 0x18,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

function broken(): SyntaxError {
  return new SyntaxError("Cannot read DER: an element is not whole");
}

/** The elements that these bytes are made of. @throws SyntaxError for what is none */
export function readElements(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, first] = bytes.subarray(at, at + 2);
    if (first === undefined) throw broken();
    let from = at + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > 3 || from + count > bytes.length) {
        throw broken();
      }
      length = 0;
      while (from < at + 2 + count) length = length * 256 + bytes[from++]!;
    }
    const end = from + length;
    if (end > bytes.length) throw broken();
    elements.push({
      tag,
      value: bytes.subarray(from, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

/** An element's own elements. @throws SyntaxError where it has none, or is of another kind */
export function within(element: Element | undefined, tag: number): Element[] {
  if (element?.tag !== tag) throw broken();
  return readElements(element.value);
}

/** `2.5.4.3`. */
export function readOid(bytes: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length > 0) arcs.push(arc);
    else {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - top * 40);
    }
    arc = 0;
  }
  return arcs.join(".");
}

/** A string's text; undefined for what is none. */
export function readText({ tag, value }: Element): string | undefined {
  switch (tag) {
    case Tag.utf8:
      return new TextDecoder().decode(value);
    case Tag.printable:
    case Tag.ia5:
    case Tag.teletex:
      return readBytes(value);
    case Tag.bmp:
      return readUnits(value, 2);
    case Tag.universal:
      return readUnits(value, 4);
  }
}

/** Arguments of a call, which are all on the stack. */
const AT_ONCE = 4096;

/** A character each. */
export function readBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  }
  return text;
}

function readUnits(bytes: Uint8Array, size: number): string | undefined {
  let text = "";
  for (let at = 0; at + size <= bytes.length; at += size) {
    let code = 0;
    for (const byte of bytes.subarray(at, at + size)) code = code * 256 + byte;
    if (code > 0x10ffff) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}

/** A moment: UTCTime or GeneralizedTime, as RFC 5280 section 4.1.2.5 lets it be written. @throws SyntaxError */
export function readTime({ tag, value }: Element): Date {
  const digits = String.fromCharCode(...value);
  const short = tag === Tag.utcTime;
  const century = Number(digits.slice(0, 2)) < 50 ? "20" : "19";
  const text = short ? century + digits : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) throw broken();
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return new Date(
    Date.UTC(year!, month! - 1, day, hour, minute, second),
  );
}

/** Upper-case hexadecimal. */
export function hex(bytes: Uint8Array, between = ""): string {
  return Array.from(
    bytes,
    (byte) => byte.toString(16).toUpperCase().padStart(2, "0"),
  ).join(between);
}
