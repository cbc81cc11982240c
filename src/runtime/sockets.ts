/** Addresses, and the listening sockets that are held for them. */
import type { Closeable } from "./clock.ts";
import type { FileOwner } from "./files.ts";

/** An address to serve on. Port 0 asks the kernel for a free one; a path that begins with `@` is an abstract name, see unix(7). */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** The other end of a connection; the address is as the runtime writes it. */
export type Peer =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "unix" };

/** An IP address and how many of its first bits count. */
export interface Network {
  readonly address: string;
  readonly bits: number;
}

/** Which users may connect to a unix socket that has a file's name. */
export interface UnixAccess {
  /** Permission bits. */
  readonly unixMode: number;
  /** The process's own user and group where it is left out. */
  readonly unixOwner?: FileOwner | undefined;
}

/** How `Runtime.listen` opens an address. */
export interface ListenOptions extends UnixAccess {
  /** Listening sockets to open for the address; more than one makes an SO_REUSEPORT group (socket(7)). */
  readonly queues: number;
  /** True to set SO_REUSEPORT even where there is one queue, for workers that bind beside it. */
  readonly reusePort: boolean;
  /** Connections the kernel queues for each socket, see listen(2). */
  readonly backlog: number;
}

/**
 * An address that the arbiter opened. With `queues` the sockets are the
 * arbiter's own and are inherited by descriptor. Without, the runtime cannot
 * make them: the address was checked to be free, and each worker binds it
 * itself with SO_REUSEPORT.
 */
export interface Listener extends Closeable {
  /** The address in use, with the port the kernel gave. */
  readonly address: Address;
  /** Descriptors in the arbiter, one a queue; empty when workers bind for themselves. */
  readonly queues: readonly number[];
  /** Opens more sockets, up to so many, beside those that were opened with SO_REUSEPORT. @throws the system's error */
  grow?(queues: number): Promise<void>;
}

/** Looks at what waits in listening sockets. */
export interface QueueGauge extends Closeable {
  /** How many connections wait in each of them; undefined where the system does not tell. */
  read(): readonly number[] | undefined;
  /** How many connections were dropped because each of them was full; absent where the system does not tell. */
  drops?(): readonly number[];
}

/** What is posted. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long the answer may take, in milliseconds. */
  readonly ms: number;
}

/** What is answered. */
export interface Posted {
  readonly status: number;
  /** The field retry-after. */
  readonly retryAfter: string | undefined;
  /** The first 16 KiB or so. */
  readonly text: string;
}
