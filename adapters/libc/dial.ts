/** Datagrams to a unix socket by libc, for `node:dgram` has none on any runtime. */
import type { Outlet, OutletEvents } from "../../src/runtime/runtime.ts";
import { refuse } from "../shared/sockets/dial.ts";
import { openUnixDatagrams } from "./datagrams.ts";
import type { UnixDatagrams } from "./datagrams.ts";
import type { Libc } from "./libc.ts";
import { microtask } from "../../src/base/promise.ts";

/** Opens an outlet to a datagram socket by its path. */
export function dialUnixDatagram(
  libc: Libc,
  path: string,
  events: OutletEvents,
): Outlet {
  let socket: UnixDatagrams | undefined;
  try {
    socket = openUnixDatagrams(libc, path);
  } catch (error) {
    return refuse(error as Error, events);
  }
  const close = () => {
    socket?.close();
    socket = undefined;
  };
  microtask(() => {
    if (socket !== undefined) events.onOpen();
  });
  return {
    send(bytes, told) {
      if (socket === undefined) return;
      let failure: Error | undefined;
      try {
        socket.send(bytes);
      } catch (error) {
        failure = error as Error;
      }
      microtask(() => {
        if (socket !== undefined) told(failure);
      });
    },
    close,
  };
}
