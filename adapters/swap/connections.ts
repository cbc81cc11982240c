/** The connections that this process has accepted, by libc on Linux: no table of the whole machine is read. */
import { Buffer } from "node:buffer";
import type { Address } from "../../src/runtime/runtime.ts";
import type { Libc } from "../libc/libc.ts";
import { ownDescriptors } from "../libc/proc.ts";
import { quietMsOf } from "../libc/tcp-info.ts";

// Values of <sys/socket.h> and <netinet/in.h>.
const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;

/** Size of the largest socket address. */
const ADDRESS_BYTES = 128;

/** What is known of a process's connections. */
export interface Survey {
  readonly tcp: number;
  readonly unix: number;
  /** Milliseconds without data in either direction, of the TCP connection that had some last; Infinity for none. */
  readonly quietMs: number;
}

/** A socket of this process. */
interface OwnSocket {
  readonly descriptor: number;
  /** The address it is bound to. */
  readonly address: Address;
  readonly listens: boolean;
}

/** Looks at the connections of this process to some addresses. */
export function surveyConnections(
  libc: Libc,
  addresses: readonly Address[],
): Survey {
  const places = new Set(addresses.map(placeOf));
  const survey = { tcp: 0, unix: 0, quietMs: Infinity };
  for (const { descriptor, address, listens } of ownSockets(libc)) {
    if (listens || !places.has(placeOf(address))) continue;
    survey[address.kind]++;
    if (address.kind === "unix") continue;
    survey.quietMs = Math.min(survey.quietMs, quietMsOf(libc, descriptor));
  }
  return survey;
}

/** The descriptor of this process that listens at an address, undefined where none does. */
export function findListening(
  libc: Libc,
  address: Address,
): number | undefined {
  const place = placeOf(address);
  for (const { descriptor, address, listens } of ownSockets(libc)) {
    if (listens && placeOf(address) === place) return descriptor;
  }
  return undefined;
}

/** An address may be bound as 0.0.0.0 and be reached as another: the port tells. */
function placeOf(address: Address): string {
  return address.kind === "tcp" ? `:${address.port}` : address.path;
}

function* ownSockets(libc: Libc): Generator<OwnSocket> {
  const name = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint32Array(1);
  for (const text of ownDescriptors()) {
    const descriptor = Number(text);
    length[0] = ADDRESS_BYTES;
    const bytes = new Uint8Array(length.buffer);
    if (libc.attempt("getsockname", descriptor, name, bytes) === -1) continue;
    const address = readAddress(name, length[0]);
    if (address === undefined) continue;
    const listens = numberOf(libc, descriptor, SO_ACCEPTCONN) === 1;
    yield { descriptor, address, listens };
  }
}

/** Reads a `struct sockaddr`; undefined for what corn does not listen on, and for no address. */
function readAddress(name: Uint8Array, length: number): Address | undefined {
  const view = new DataView(name.buffer);
  const family = view.getUint16(0, true);
  if (family !== AF_UNIX) {
    const port = view.getUint16(2);
    // Other families have no port there; theirs is none of the ports asked for.
    return port === 0 ? undefined : { kind: "tcp", host: "", port };
  }
  if (length <= 2) return undefined;
  const text = Buffer.from(name.buffer, 2, length - 2).toString();
  const path = text.startsWith("\0") ? `@${text.slice(1)}` : text;
  return { kind: "unix", path: path.replace(/\0+$/, "") };
}

function numberOf(libc: Libc, descriptor: number, option: number): number {
  const value = new Uint32Array(1);
  const length = new Uint8Array(new Uint32Array([4]).buffer);
  const bytes = new Uint8Array(value.buffer);
  libc.attempt("getsockopt", descriptor, SOL_SOCKET, option, bytes, length);
  return value[0] ?? 0;
}
