/** A channel to a child over a socket pair made by libc. */
import { Socket } from "node:net";
import { CHANNEL_VARIABLE, channelOver } from "../shared/processes/channel.ts";
import type { NewChannel } from "../shared/processes/channel.ts";
import type { Libc } from "./libc.ts";
import { setCloseOnExec } from "./descriptor.ts";
import { openPair } from "./socket.ts";

/**
 * Deno makes what it hands over by `stdio` blocking (2.9.6, DENO-STDIO-BLOCKS),
 * and keeps some 14 KB for good of each child with Node's channel (2.9.5,
 * DENO-IPC-LEAK).
 */
export function openPairChannel(libc: Libc): NewChannel {
  const [own, child] = openPair(libc);
  const close = (descriptor: number) => void libc.call("close", descriptor);
  setCloseOnExec(libc, child, false);
  return {
    stdio: [],
    env: { [CHANNEL_VARIABLE]: String(child) },
    attach(_, events) {
      close(child);
      const socket = new Socket({ fd: own, readable: true, writable: true });
      return channelOver(socket, events);
    },
    cancel() {
      close(child);
      close(own);
    },
  };
}
