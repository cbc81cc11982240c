/** A channel to a child over a socket pair made by libc. */
import { Socket } from "node:net";
import { channelOver } from "../common/channel.ts";
import type { NewChannel } from "../common/channel.ts";
import type { Libc } from "./libc.ts";
import { setCloseOnExec } from "./descriptor.ts";
import { openPair } from "./socket.ts";

/**
 * Of each child with a channel of its own Deno keeps some 14 KB for good
 * (2.9.5). All runtimes look in these variables for the channel that they were
 * started with.
 */
export function openPairChannel(libc: Libc): NewChannel {
  const [own, child] = openPair(libc);
  const close = (descriptor: number) => void libc.call("close", descriptor);
  setCloseOnExec(libc, child, false);
  return {
    stdio: [],
    env: {
      NODE_CHANNEL_FD: String(child),
      NODE_CHANNEL_SERIALIZATION_MODE: "json",
    },
    attach(_, onMessage) {
      close(child);
      const socket = new Socket({ fd: own, readable: true, writable: true });
      return channelOver(socket, onMessage);
    },
    cancel() {
      close(child);
      close(own);
    },
  };
}
