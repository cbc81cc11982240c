/** Lets a listening socket of Node rest. */
import type { Server } from "node:net";
import { constants } from "node:os";

/** What a `net.Server` listens with; a stream of libuv, with what streams have. */
interface ListeningHandle {
  readStart?(): number;
  readStop?(): number;
}

/**
 * Lets a server's socket rest, or takes it up again, which `net.Server` has no
 * call for (Node 24 and 26, NODE-LISTENER-REST): libuv's uv_read_stop() ends
 * the wait for connections as it does for data. It does so for a handle that
 * reads only, hence the start before it. False where that failed.
 */
export function accept(server: Server, on: boolean): boolean {
  const handle = (server as Server & { _handle?: ListeningHandle })._handle;
  const begun = handle?.readStart?.();
  if (begun !== 0 && begun !== -constants.errno.EALREADY) return false;
  return on || handle?.readStop?.() === 0;
}
