/** The end of a connection of `node:http` whose client still sends: what is unread at its close would reset it, and take the answer from the client. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** How long a client may be silent, and go on, before its connection is closed for good. */
const QUIET_MS = 2000;
const MOST_MS = 30_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Sends the end after what was written, and takes no notice of what still comes; `hurried` says that there is no time for it. */
export function lingerOn(
  socket: Socket,
  incoming: IncomingMessage,
  hurried: () => boolean,
): void {
  const begun = performance.now();
  let heardAt = begun;
  let left = MOST_BYTES;
  // Every way to read a body goes through it.
  incoming.push = (chunk) => {
    if (chunk === null) {
      close();
      return false;
    }
    heardAt = performance.now();
    left -= chunk.length;
    if (left < 0) close();
    return true;
  };
  const timer = setInterval(() => {
    const now = performance.now();
    const most = hurried() ? QUIET_MS : MOST_MS;
    if (now - heardAt >= QUIET_MS || now - begun >= most) close();
  }, 250);
  timer.unref();
  socket.once("close", () => clearInterval(timer));
  socket.end();
  // It rests where the app took no more.
  socket.resume();

  function close(): void {
    clearInterval(timer);
    socket.destroy();
  }
}
