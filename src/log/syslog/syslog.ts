/**
 * How an event is written for syslog: RFC 5424, one datagram each (RFC 5426) or
 * with its length before it on a stream (RFC 6587 §3.4.1).
 */
import type { LogEvent } from "../event.ts";
import { visible } from "../format.ts";
import type { Level } from "../event.ts";

/** Facilities and their numbers (RFC 5424 §6.2.1), by the names that Gunicorn and syslog(3) have for them. */
export const FACILITIES = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

export type Facility = keyof typeof FACILITIES;

const SEVERITIES: Readonly<Record<Level, number>> = {
  debug: 7,
  info: 6,
  warning: 4,
  error: 3,
  critical: 2,
};

/** What a receiver over UDP should take (RFC 5426 §3.2). */
export const DATAGRAM_BYTES = 2048;
/** What rsyslog takes of a message unless it is told otherwise. */
export const MESSAGE_BYTES = 8192;

/** The longest APP-NAME (RFC 5424 §6.2.5). */
const APP_NAME_LENGTH = 48;
const HOSTNAME_LENGTH = 255;

export interface SyslogHeader {
  readonly facility: Facility;
  readonly hostname: string;
  /** Such as `corn.shop.error`. */
  readonly appName: string;
  /** The kind of event: `error`, `access`, or the stream that a process printed to. */
  readonly messageId: string;
}

const encoder = new TextEncoder();

/** A name of `PRINTUSASCII` characters, or the nil value where nothing is left of it. */
function printable(text: string, length: number): string {
  return text.replace(/[^\x21-\x7e]+/g, "-").slice(0, length) || "-";
}

/** The APP-NAME `corn.PREFIX.LOG`; a long prefix is cut. */
export function appNameOf(prefix: string, log: "error" | "access"): string {
  // What many a receiver takes for the end of a name.
  const plain = prefix.replace(/[^\w.-]+/g, "-");
  const room = APP_NAME_LENGTH - `corn..${log}`.length;
  return `corn.${plain.slice(0, room)}.${log}`;
}

/** A message of at most so many bytes. */
export function formatSyslog(
  event: LogEvent,
  header: SyslogHeader,
  most: number,
): Uint8Array {
  const { time, level, pid, text } = event;
  // Lines of the access log are nearly always plain, and many.
  const message = /^[ -~]*$/.test(text)
    ? text.trimEnd()
    : visible(text, "\\n").replaceAll("\t", "\\t");
  const head = [
    `<${FACILITIES[header.facility] * 8 + SEVERITIES[level]}>1`,
    time.toISOString(),
    printable(header.hostname, HOSTNAME_LENGTH),
    printable(header.appName, APP_NAME_LENGTH),
    pid,
    printable(header.messageId, 32),
    "-",
    // What is not ASCII must say that it is UTF-8 (RFC 5424 §6.4).
    // deno-lint-ignore no-control-regex
    /^[\x00-\x7f]*$/.test(message) ? message : `\ufeff${message}`,
  ].join(" ");
  return cut(encoder.encode(head), most);
}

/** What shows that something was left out. */
const MARK = encoder.encode("...");

/** The first bytes, without a part of a character at their end. */
function cut(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes.length <= most) return bytes;
  let end = most - MARK.length;
  // A byte 10xxxxxx goes on with a character.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  const short = new Uint8Array(end + MARK.length);
  short.set(bytes.subarray(0, end));
  short.set(MARK, end);
  return short;
}

/** Octet counting: a receiver reads so many bytes, whatever they hold. */
export function countOctets(bytes: Uint8Array): Uint8Array {
  const length = encoder.encode(`${bytes.length} `);
  const framed = new Uint8Array(length.length + bytes.length);
  framed.set(length);
  framed.set(bytes, length.length);
  return framed;
}
