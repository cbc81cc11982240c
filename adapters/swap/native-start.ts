/** How a native server comes to its socket: an inherited one in place of its own, or one that it binds itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Address,
  EngineOptions,
  Source,
  UnixAccess,
} from "../../src/runtime/runtime.ts";
import type { Libc } from "../libc/libc.ts";
import { lacksRoom } from "../shared/files/lacks-room.ts";
import { ownName } from "../shared/sockets/unix-name.ts";
import { adopt } from "./adopt.ts";
import type { Adopted } from "./adopt.ts";

/** One native server. */
export interface NativeServer {
  readonly address: Address;
  /** Stops accepting, ends idle connections, resolves when every open response is out. */
  stop(): Promise<unknown>;
  /** True while a response is not out to its last byte, where the runtime tells. */
  busy(): boolean;
  /** Cuts every connection. */
  cut(): void;
}

/** What a native server listens on. */
export interface Where {
  readonly address: Address;
  /** True to set SO_REUSEPORT. */
  readonly reusePort: boolean;
}

/** A server that serves, and what makes it stop accepting where that is possible on its own. */
export interface Serving {
  readonly server: NativeServer;
  readonly address: Address;
  readonly adopted: Adopted | undefined;
  /** The inherited socket that it accepts from. */
  readonly descriptor?: number;
}

export type Start = (where: Where) => NativeServer;

export interface StartOptions
  extends UnixAccess, Pick<EngineOptions, "backlog" | "report"> {
  /** libc, to accept from inherited sockets; undefined where that is not possible. */
  readonly libc: Libc | undefined;
  /** True where a server must rest while there are no descriptors for it to accept with. */
  readonly guarded: boolean;
}

/** Starts a server on an inherited socket, or on one of its own where that is not possible. @throws where neither is */
export async function startOn(
  source: Source,
  start: Start,
  options: StartOptions,
): Promise<Serving> {
  const { libc } = options;
  const { address } = source;
  if (source.kind === "address" || libc === undefined) {
    return startOwn(address, start, options);
  }
  try {
    return await startInherited(source, start, { ...options, libc });
  } catch (cause) {
    const { message } = cause as Error;
    if (lacksRoom(cause)) throw cause;
    if (address.kind === "unix") {
      // Each worker that bound the name for itself would take it from the one before.
      throw new Error(
        `Cannot accept from an inherited unix socket (${message}): give --http wire, which takes it as it is`,
        { cause },
      );
    }
    options.report(
      `Cannot accept from an inherited socket (${message}): binding the address with SO_REUSEPORT instead`,
    );
    return startOwn(address, start, options);
  }
}

/** Starts a server on a socket of its own. */
function startOwn(address: Address, start: Start, access: UnixAccess): Serving {
  if (address.kind === "tcp") {
    const server = start({ address, reusePort: true });
    return { server, address: server.address, adopted: undefined };
  }
  const own = ownName(address.path, access);
  const unix: Address = { kind: "unix", path: own.path };
  const server = own.bind(() => start({ address: unix, reusePort: false }));
  own.publish();
  return { server, address, adopted: undefined };
}

/** Starts a server on an address of no use and gives it the inherited socket instead. @throws where that fails */
async function startInherited(
  { descriptor, address }: Source & { kind: "descriptor" },
  start: Start,
  { libc, backlog, guarded }: StartOptions & { libc: Libc },
): Promise<Serving> {
  // A folder of this process's own: its names cannot be taken, nor what they stand for.
  const folder = address.kind === "unix"
    ? mkdtempSync(join(tmpdir(), "corn-"))
    : undefined;
  let server: NativeServer | undefined;
  try {
    server = start({
      address: folder === undefined
        ? { kind: "tcp", host: "127.0.0.1", port: 0 }
        : { kind: "unix", path: join(folder, "socket") },
      reusePort: false,
    });
    const { address: throwaway } = server;
    const adopted = adopt({
      ...{ libc, descriptor, backlog, throwaway, guarded },
    });
    return { server, address, adopted, descriptor };
  } catch (error) {
    await server?.stop();
    throw error;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
