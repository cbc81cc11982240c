/**
 * The header that a proxy puts before a connection's bytes, in both versions:
 * https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
 */
import { formatIp, parseIp } from "../../base/addresses/ip.ts";
import type { Peer } from "../../runtime/runtime.ts";
import { CR, LF } from "../h1/octets.ts";

/** Which versions are read; with `auto` either, but one of them. */
export type ProxyVersions = "v1" | "v2" | "auto";

/** How an engine takes PROXY headers. */
export interface ProxyRules {
  readonly versions: ProxyVersions;
  /** Peers that may connect, see `src/base/addresses/networks.ts`. */
  readonly allowFrom: readonly string[];
}

/** The longest header of version 1, with its end: section 2.1. */
const V1_MAX = 107;
const V1_START = "PROXY ";
/** Section 2.2: bytes that no other protocol begins with. */
const V2_START = "\r\n\r\n\0\r\nQUIT\n";
/** The signature, then version and command, family and protocol, and the size of what follows. */
const V2_HEAD = 16;

const INET_STREAM = 0x11;
const INET6_STREAM = 0x21;
const UNIX_STREAM = 0x31;

/** Bytes that the addresses of a family take; unix paths are not kept. */
const ADDRESSES: Readonly<Record<number, number>> = {
  1: 12,
  2: 36,
  3: 216,
};
const KEPT = V2_HEAD + 36;

/** Reads one header, however it is cut. */
export class ProxyHeaderReader {
  /** Why the connection must be closed. */
  problem: string | undefined;
  /** The client that the proxy names; undefined where it speaks for itself or does not know. */
  peer: Peer | undefined;
  /** True where the proxy speaks for a client that it does not know. */
  unnamed = false;
  readonly #versions: ProxyVersions;
  #version: 0 | 1 | 2 = 0;
  readonly #kept = new Uint8Array(V1_MAX);
  /** Bytes read, more than are kept where a header has parts that are skipped. */
  #size = 0;
  /** The size of a header of version 2, once it is known. */
  #whole = Infinity;

  constructor(versions: ProxyVersions) {
    this.#versions = versions;
  }

  /** True when a part of a header was read. */
  get underway(): boolean {
    return this.#size > 0;
  }

  /** Reads on, and gives where the header ends, or -1 when more must come or there is a problem. */
  push(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length;) {
      if (this.#size >= KEPT && this.#version === 2) {
        // What extends the addresses is for others: section 2.2.
        const step = Math.min(this.#whole - this.#size, bytes.length - at);
        this.#size += step;
        at += step;
      } else {
        const byte = bytes[at++]!;
        this.#kept[this.#size++] = byte;
        if (this.#version === 0) this.#choose(byte);
        if (this.#version === 1 && this.#readText(byte)) return at;
        if (this.#version === 2) this.#readBytes(byte);
      }
      if (this.problem !== undefined) return -1;
      if (this.#size === this.#whole) {
        this.#readAddresses();
        return this.problem === undefined ? at : -1;
      }
    }
    return -1;
  }

  #choose(byte: number): void {
    // Whether it is one of version 1 is seen as it is read.
    const version = byte === V2_START.charCodeAt(0) ? 2 : 1;
    if (
      this.#versions !== "auto" && this.#versions !== `v${version}`
    ) return this.#refuse("no PROXY header");
    this.#version = version;
  }

  /** Takes a byte of version 1; true at the end of the line. */
  #readText(byte: number): boolean {
    const size = this.#size;
    if (size <= V1_START.length) {
      if (byte !== V1_START.charCodeAt(size - 1)) {
        this.#refuse("no PROXY header");
      }
      return false;
    }
    const afterCr = this.#kept[size - 2] === CR;
    if (byte === LF && afterCr) {
      this.#readLine();
      return this.problem === undefined;
    }
    // A CR stands before the LF only, and the longest line ends with both.
    if (afterCr || byte === LF || size === V1_MAX) this.#malformed();
    return false;
  }

  /** `PROXY TCP4 SOURCE DESTINATION SOURCE-PORT DESTINATION-PORT`: section 2.1. */
  #readLine(): void {
    const line = String.fromCharCode(...this.#kept.subarray(0, this.#size - 2));
    const words = line.split(" ");
    const [, family] = words;
    // What follows says nothing.
    if (family === "UNKNOWN") {
      this.unnamed = true;
      return;
    }
    const size = family === "TCP4" ? 4 : family === "TCP6" ? 16 : 0;
    const [, , source = "", destination = "", from = "", to = ""] = words;
    const address = parseIp(source);
    const port = readPort(from);
    if (
      words.length !== 6 || address?.length !== size ||
      parseIp(destination)?.length !== size || port === undefined ||
      readPort(to) === undefined
    ) return this.#malformed();
    this.peer = { kind: "tcp", address: formatIp(address), port };
  }

  /** Takes a byte of version 2 that is kept. */
  #readBytes(byte: number): void {
    const size = this.#size;
    if (size <= V2_START.length) {
      if (byte !== V2_START.charCodeAt(size - 1)) {
        this.#refuse("no PROXY header");
      }
    } else if (size === 13) {
      // Version 2, and LOCAL or PROXY.
      if (byte !== 0x20 && byte !== 0x21) this.#malformed();
    } else if (size === V2_HEAD) {
      this.#whole = V2_HEAD + (this.#kept[14]! << 8 | this.#kept[15]!);
      this.#checkFamily();
    }
  }

  #checkFamily(): void {
    // LOCAL: the proxy's own connection, and whatever else is said is ignored.
    if (this.#kept[12] === 0x20) return;
    const family = this.#kept[13]! >> 4;
    const protocol = this.#kept[13]! & 15;
    if (
      family > 3 || protocol > 2 ||
      this.#whole < V2_HEAD + (ADDRESSES[family] ?? 0)
    ) this.#malformed();
  }

  #readAddresses(): void {
    if (this.#kept[12] === 0x20) return;
    const kind = this.#kept[13]!;
    if (kind === UNIX_STREAM) this.peer = { kind: "unix" };
    const size = kind === INET_STREAM ? 4 : kind === INET6_STREAM ? 16 : 0;
    // A kind of socket without HTTP/1.1 counts as not specified.
    if (size === 0) {
      this.unnamed = kind !== UNIX_STREAM;
      return;
    }
    const port = V2_HEAD + size * 2;
    this.peer = {
      kind: "tcp",
      address: formatIp(this.#kept.subarray(V2_HEAD, V2_HEAD + size)),
      port: this.#kept[port]! << 8 | this.#kept[port + 1]!,
    };
  }

  #malformed(): void {
    this.#refuse("a malformed PROXY header");
  }

  #refuse(problem: string): void {
    this.problem = problem;
  }
}

/** A decimal number up to 65535 without zeroes in front. */
function readPort(text: string): number | undefined {
  let port = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    port = port * 10 + digit;
    if (port > 65_535) return undefined;
  }
  const padded = text.length > 1 && text.startsWith("0");
  return text === "" || padded ? undefined : port;
}
