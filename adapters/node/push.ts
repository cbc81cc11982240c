/** Writing text past a socket's stream. */
import { Socket } from "node:net";
import type { Push } from "../shared/servers/net-channel.ts";

/** What a write that cannot be over at once is known by. */
interface WriteRequest {
  /** -1 until a write has taken it. */
  getAsyncId(): number;
  /** Called when its write is over: with 0, or why it failed. */
  oncomplete?: (status: number) => void;
}

/** The part of a socket's handle that writes. */
interface Handle {
  /** Gives 0, or why it failed at once. */
  writeLatin1String?(request: WriteRequest, text: string): number;
}

/** A write's answer where it went well. */
const WRITTEN = 0;

const FREE = -1;

/** The class of what a socket gives its handle with each write; undefined where it gives none that is known. */
function requestClass(): (new () => WriteRequest) | undefined {
  let given: unknown;
  const handle = {
    writeLatin1String: (request: unknown) => {
      given = request;
      return WRITTEN;
    },
    close: (run?: () => void) => run?.(),
  };
  // It reads nothing.
  const socket = new Socket({ handle, manualStart: true } as object);
  socket.on("error", () => {});
  socket.write("x", "latin1");
  socket.destroy();
  const { constructor } = given as { constructor: new () => WriteRequest };
  return new constructor().getAsyncId() === FREE ? constructor : undefined;
}

/**
 * A socket makes an object of C++ for each write, which is of use only where the
 * kernel does not take all of it at once: a twentieth of a small answer's
 * processor time (24.21, NODE-WRITE-REQUESTS; 26.10 makes it then). Here one is
 * kept until a write needs it. Undefined where this Node has another way.
 */
export function pusher(): Push | undefined {
  let Request: (new () => WriteRequest) | undefined;
  try {
    Request = requestClass();
  } catch {
    // Another Node.
  }
  if (Request === undefined) return undefined;
  const Known = Request;
  let spare = new Known();
  return (socket, text, onOut) => {
    const { _handle: handle } = socket as Socket & { _handle?: Handle | null };
    if (typeof handle?.writeLatin1String !== "function") return undefined;
    const request = spare;
    const failed = handle.writeLatin1String(request, text) !== WRITTEN;
    if (!failed && request.getAsyncId() === FREE) return true;
    spare = new Known();
    if (failed) onOut(false);
    else request.oncomplete = (status) => onOut(status === WRITTEN);
    return false;
  };
}
