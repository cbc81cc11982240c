/** Ways for messages out, on `node:dgram` and `node:net`, which all three runtimes have. */
import type { Socket } from "node:dgram";
import { connect } from "node:net";
import process from "node:process";
import type {
  Outlet,
  OutletEvents,
  Receiver,
} from "../../../src/runtime/runtime.ts";
import { systemName } from "./unix-name.ts";
import { microtask } from "../../../src/base/promise.ts";

/** After so long without a word a receiver is asked whether it is there, see SO_KEEPALIVE in socket(7). */
const PROBE_MS = 60_000;

/** Opens an outlet; a unix datagram socket needs libc. */
export function dial(receiver: Receiver, events: OutletEvents): Outlet {
  try {
    switch (receiver.kind) {
      case "udp":
        return dialUdp(receiver.host, receiver.port, events);
      case "unix-datagram":
        return refuse(new Error("this runtime has no unix datagrams"), events);
      default:
        return dialStream(receiver, events);
    }
  } catch (error) {
    // Deno without the permission, or a name that the system does not take.
    return refuse(error as Error, events);
  }
}

/** An outlet that could not be opened. */
export function refuse(error: Error, { onShut }: OutletEvents): Outlet {
  let closed = false;
  microtask(() => {
    if (!closed) onShut(error);
  });
  return {
    send() {},
    close() {
      closed = true;
    },
  };
}

/**
 * A connected socket, so that the system reports a datagram that did not arrive:
 * Node and Bun hear of it with the next turn or send, Deno 2.9.5 does not
 * (DENO-UDP-SILENT).
 */
function dialUdp(host: string, port: number, events: OutletEvents): Outlet {
  // Not imported: few processes send datagrams.
  const { createSocket } = process.getBuiltinModule("node:dgram");
  const { lookup } = process.getBuiltinModule("node:dns");
  let socket: Socket | undefined;
  let open = false;
  let closed = false;
  const close = () => {
    closed = true;
    open = false;
    socket?.close();
    socket = undefined;
  };
  const shut = (error: Error) => {
    if (closed) return;
    close();
    events.onShut(error);
  };
  lookup(host, (error, address, family) => {
    if (closed) return;
    if (error !== null) return shut(error);
    try {
      socket = createSocket(family === 6 ? "udp6" : "udp4");
      socket.on("error", shut);
      socket.connect(port, address, () => {
        if (closed) return;
        open = true;
        events.onOpen();
      });
    } catch (thrown) {
      shut(thrown as Error);
    }
  });
  return {
    send(bytes, told) {
      if (!open) return;
      socket?.send(bytes, (error) => {
        if (!closed) told(error ?? undefined);
      });
    },
    close,
  };
}

function dialStream(
  receiver: Receiver & { kind: "tcp" | "unix-stream" },
  events: OutletEvents,
): Outlet {
  let closed = false;
  const socket = connect(
    receiver.kind === "tcp"
      ? { host: receiver.host, port: receiver.port }
      : { path: systemName(receiver.path) },
  );
  const shut = (error: Error | undefined) => {
    if (closed) return;
    closed = true;
    socket.destroy();
    events.onShut(error);
  };
  socket.on("error", shut);
  socket.on("end", () => shut(undefined));
  socket.on("close", () => shut(undefined));
  socket.on("connect", () => {
    if (closed) return;
    if (receiver.kind === "tcp") socket.setKeepAlive(true, PROBE_MS);
    events.onOpen();
  });
  const { onData } = events;
  if (onData !== undefined) {
    socket.on("data", (bytes) => closed || onData(bytes as Uint8Array));
  }
  // Whatever the receiver says: only reading tells that it is gone.
  socket.resume();
  return {
    send(bytes, told) {
      if (closed) return;
      socket.write(bytes, (error) => {
        if (!closed) told(error ?? undefined);
      });
    },
    close() {
      if (closed) return;
      closed = true;
      socket.destroy();
    },
  };
}
