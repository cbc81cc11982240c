/** What a certificate says (RFC 5280). Runtimes write its names in ways that differ, and some without escapes. */
import type { PeerCertificate } from "../../runtime/tls.ts";
import {
  hex,
  readBytes,
  readElements,
  readOid,
  readText,
  readTime,
  Tag,
  within,
} from "./der.ts";
import type { Element } from "./der.ts";
import { sha256 } from "./sha256.ts";

/** Types of names that have one, RFC 4514 section 3 and those that OpenSSL adds. */
const NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.42": "GN",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

const SUBJECT_ALT_NAME = "2.5.29.17";

/** Reads a certificate. @throws SyntaxError for what is none */
export function readCertificate(
  der: Uint8Array<ArrayBuffer>,
): PeerCertificate {
  const [whole, rest] = readElements(der);
  if (rest !== undefined) throw new SyntaxError("More than a certificate");
  const [signed] = within(whole, Tag.sequence);
  const parts = within(signed, Tag.sequence);
  // Version 1 is not written.
  if (parts[0]?.tag === 0xa0) parts.shift();
  const [serial, , issuer, validity, subject, , ...more] = parts;
  if (serial?.tag !== Tag.integer) throw new SyntaxError("No serial number");
  const [from, to] = within(validity, Tag.sequence);
  if (from === undefined || to === undefined) throw new SyntaxError("No dates");
  return {
    der,
    subject: readName(subject),
    issuer: readName(issuer),
    subjectAltNames: readAltNames(more),
    serialNumber: hex(
      serial.value[0] === 0 ? serial.value.subarray(1) : serial.value,
    ),
    fingerprint256: hex(sha256(der), ":"),
    validFrom: readTime(from),
    validTo: readTime(to),
  };
}

/** A distinguished name as RFC 4514 writes it: the last part first. */
function readName(name: Element | undefined): string {
  return within(name, Tag.sequence).reverse().map((set) =>
    within(set, Tag.set).map((pair) => {
      const [type, value] = within(pair, Tag.sequence);
      if (type === undefined || value === undefined) return "";
      const oid = readOid(type.value);
      const text = readText(value);
      const known = NAMES[oid];
      // Section 2.4: what has no name, or is no text, as it stands there.
      return known === undefined || text === undefined
        ? `${known ?? oid}=#${hex(value.whole).toLowerCase()}`
        : `${known}=${escapeValue(text)}`;
    }).join("+")
  ).join(",");
}

/** RFC 4514 section 2.4; control characters too, which end no line of a log. */
function escapeValue(text: string): string {
  return Array.from(
    text.replace(/^[ #]|[\\"+,;<>]| $/g, "\\$&"),
    (one) => {
      const code = one.charCodeAt(0);
      return code < 32 || code === 127
        ? `\\${code.toString(16).padStart(2, "0")}`
        : one;
    },
  ).join("");
}

function readAltNames(parts: readonly Element[]): string[] {
  const extensions = parts.find(({ tag }) => tag === 0xa3);
  if (extensions === undefined) return [];
  const [list] = readElements(extensions.value);
  for (const extension of within(list, Tag.sequence)) {
    const fields = within(extension, Tag.sequence);
    const value = fields.at(-1);
    if (
      fields[0] === undefined || readOid(fields[0].value) !== SUBJECT_ALT_NAME
    ) continue;
    if (value?.tag !== Tag.octets) continue;
    const [names] = readElements(value.value);
    return within(names, Tag.sequence).flatMap(readAltName);
  }
  return [];
}

/** RFC 5280 section 4.2.1.6; other kinds are left out. */
function readAltName({ tag, value }: Element): string[] {
  const text = () => readBytes(value);
  switch (tag) {
    case 0x81:
      return [`email:${text()}`];
    case 0x82:
      return [`DNS:${text()}`];
    case 0x86:
      return [`URI:${text()}`];
    case 0x87:
      return value.length === 4 || value.length === 16
        ? [`IP:${addressOf(value)}`]
        : [];
    default:
      return [];
  }
}

function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    groups.push((bytes[at]! * 256 + (bytes[at + 1] ?? 0)).toString(16));
  }
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
