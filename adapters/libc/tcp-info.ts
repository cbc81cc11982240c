/** What the kernel tells of a TCP socket: `struct tcp_info` of tcp(7), Linux. */
import type { QueueGauge } from "../../src/runtime/runtime.ts";
import type { Libc } from "./libc.ts";

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const INFO_BYTES = 136;
const SOL_SOCKET = 1;
const SO_MEMINFO = 55;
const MEMINFO_WORDS = 9;
const MEMINFO_DROPS = 8;

// Offsets in the struct.
const STATE = 0;
/** Of a listening socket: connections that wait to be accepted. */
const UNACKED = 24;
/** Milliseconds since data were last sent and received. */
const LAST_DATA_SENT = 44;
const LAST_DATA_RECEIVED = 52;
/** Bytes that came, of 64 bits: by it nothing came yet, or some. */
const BYTES_RECEIVED = 128;

const TCP_LISTEN = 10;

/** Asks the kernel; undefined where the descriptor is no TCP socket. */
function infoOf(libc: Libc, descriptor: number): DataView | undefined {
  const info = new Uint8Array(INFO_BYTES);
  const length = new Uint8Array(new Uint32Array([INFO_BYTES]).buffer);
  const got = libc.attempt(
    "getsockopt",
    descriptor,
    IPPROTO_TCP,
    TCP_INFO,
    info,
    length,
  );
  return got === -1 ? undefined : new DataView(info.buffer);
}

/** Milliseconds without data in either direction; Infinity for a connection that has ended. */
export function quietMsOf(libc: Libc, descriptor: number): number {
  const info = infoOf(libc, descriptor);
  if (info === undefined) return Infinity;
  return Math.min(
    info.getUint32(LAST_DATA_SENT, true),
    info.getUint32(LAST_DATA_RECEIVED, true),
  );
}

/** True where something came on a connection, or nothing is known of it. */
export function hasReceived(libc: Libc, descriptor: number): boolean {
  const info = infoOf(libc, descriptor);
  return info === undefined || info.getBigUint64(BYTES_RECEIVED, true) > 0n;
}

/** Watches sockets one by one: unlike the tables of /proc its cost does not grow with the machine's sockets. */
export function gaugeByInfo(
  libc: Libc,
  descriptors: readonly number[],
): QueueGauge {
  let closed = false;
  return {
    read() {
      if (closed) return undefined;
      return descriptors.map((descriptor) => waitingIn(libc, descriptor));
    },
    drops: () => descriptors.map((descriptor) => dropsOf(libc, descriptor)),
    close() {
      closed = true;
    },
  };
}

/** The last of what SO_MEMINFO tells (linux/sock_diag.h): of a listening socket what found no place in its queue. */
function dropsOf(libc: Libc, descriptor: number): number {
  const words = new Uint32Array(MEMINFO_WORDS);
  const length = new Uint8Array(new Uint32Array([words.byteLength]).buffer);
  const got = libc.attempt(
    "getsockopt",
    descriptor,
    SOL_SOCKET,
    SO_MEMINFO,
    new Uint8Array(words.buffer),
    length,
  );
  return got === -1 ? 0 : words[MEMINFO_DROPS] as number;
}

function waitingIn(libc: Libc, descriptor: number): number {
  const info = infoOf(libc, descriptor);
  // A socket that does not listen yet has no queue.
  if (info?.getUint8(STATE) !== TCP_LISTEN) return 0;
  return info.getUint32(UNACKED, true);
}
