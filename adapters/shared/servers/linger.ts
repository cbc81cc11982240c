/** The end of a connection of `node:http` whose client still sends. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Linger } from "../../../src/base/http/linger.ts";
import { clock } from "../machine/machine.ts";

/** Sends the end after what was written, and takes no notice of what still comes; `hurried` says that there is no time for it. */
export function lingerOn(
  socket: Socket,
  incoming: IncomingMessage,
  hurried: () => boolean,
): void {
  const linger = new Linger({ clock, hurried, onOver: () => socket.destroy() });
  // Every way to read a body goes through it.
  incoming.push = (chunk) => {
    if (chunk === null) {
      linger.close();
      socket.destroy();
      return false;
    }
    linger.heard(chunk.length);
    return true;
  };
  socket.once("close", () => linger.close());
  // The HTTP server's, for connections between requests: after an answer it
  // runs while its request still comes.
  socket.setTimeout(0);
  socket.end();
  // It rests where the app took no more.
  socket.resume();
}
