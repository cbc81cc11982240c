/** Lets a listening socket of Node rest. */
import type { Server } from "node:net";
import { constants } from "node:os";
import { watchRoom } from "./room.ts";

/** What a `net.Server` listens with; a stream of libuv, with what streams have. */
interface ListeningHandle {
  readStart?(): number;
  readStop?(): number;
}

/** Why a server may rest. */
interface Gate {
  wanted: boolean;
  /** True while there are too few descriptors for its connections. */
  full: boolean;
}

const gates = new WeakMap<Server, Gate>();

/**
 * Lets a server's socket rest, or takes it up again; once this was called, it
 * rests by itself too while there are too few descriptors. False where that
 * failed.
 */
export function accept(server: Server, on: boolean): boolean {
  const known = gates.get(server);
  const gate = known ?? openGate(server);
  gate.wanted = on;
  // It accepts from the beginning.
  if (known === undefined && on) return true;
  return turn(server, on && !gate.full);
}

function openGate(server: Server): Gate {
  const gate: Gate = { wanted: true, full: false };
  gates.set(server, gate);
  watchRoom(server, (full) => {
    gate.full = full;
    turn(server, gate.wanted && !full);
  });
  return gate;
}

/**
 * `net.Server` has no call for it (Node 24 and 26, NODE-LISTENER-REST): libuv's
 * uv_read_stop() ends the wait for connections as it does for data. It does so
 * for a handle that reads only, hence the start before it.
 */
function turn(server: Server, on: boolean): boolean {
  const handle = (server as Server & { _handle?: ListeningHandle })._handle;
  const begun = handle?.readStart?.();
  if (begun !== 0 && begun !== -constants.errno.EALREADY) return false;
  return on || handle?.readStop?.() === 0;
}
