/** A WebSocket of a library that has the connection itself: what can be seen and said from outside. */
import type {
  Closeable,
  RawSocket,
  SocketKeeper,
} from "../../runtime/runtime.ts";
import type { Taken } from "./handshake.ts";
import type { HandshakeKeeper } from "./open-sockets.ts";

/** How long a library may take to answer a request to upgrade, and to end what it refuses. */
const ANSWER_MS = 30_000;

/** How long the client of a refused one may take to close its half. */
const LEAVE_MS = 5000;

/** The status in the first bytes of a response; undefined where there is none. */
function statusIn(chunk: unknown): number | undefined {
  const start = typeof chunk === "string"
    ? chunk.slice(0, 12)
    : chunk instanceof Uint8Array
    ? String.fromCharCode(...chunk.subarray(0, 12))
    : "";
  const [, status] = /^HTTP\/1\.1 (\d{3})$/.exec(start) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** A close frame (RFC 6455 sections 5.2 and 5.5.1). */
function closeFrame(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  return new Uint8Array([
    ...[0x88, 2 + text.length, code >> 8, code & 255],
    ...text,
  ]);
}

/** What watches one. */
export interface HandedOverOptions {
  readonly keeper: Pick<HandshakeKeeper, "keep" | "expect">;
  /** Calls `run` after so many milliseconds; gives what prevents it. */
  after(ms: number, run: () => void): { close(): void };
  /** Called where it was not answered in time; it is cut then. */
  onSilence(): void;
}

/**
 * Sees what is written first: it is a WebSocket from a 101 on, and over when the
 * connection is. Gives what tells whether something was written.
 */
export function watchHandedOver(
  { socket, end }: Taken,
  { keeper, after, onSilence }: HandedOverOptions,
): () => boolean {
  const before = socket.bytesWritten;
  const answered = keeper.expect();
  let status: number | undefined;
  let ended: ReturnType<SocketKeeper["keep"]> | undefined;
  let timer: Closeable = after(ANSWER_MS, () => {
    if (status === undefined) onSilence();
    socket.destroy();
  });

  function begin(chunk: unknown): void {
    status = statusIn(chunk);
    if (status === undefined) return;
    answered();
    socket.write = write;
    if (status !== 101) return;
    timer.close();
    ended = keeper.keep(open(socket), socket);
  }

  const { write, end: finish } = socket;
  socket.write = function (this: RawSocket, chunk, ...rest) {
    begin(chunk);
    return write.call(this, chunk, ...rest);
  };
  socket.end = function (this: RawSocket, chunk, ...rest) {
    if (status === undefined) begin(chunk);
    if (status !== 101) {
      // Nothing else sees to a client that keeps its half open.
      timer.close();
      timer = after(LEAVE_MS, () => socket.destroy());
    }
    return finish.call(this, chunk, ...rest);
  };
  socket.once("close", () => {
    timer.close();
    answered();
    const bytes = socket.bytesWritten - before;
    ended?.({ bytes });
    // As where the client of a request has left.
    end({ status: status ?? 499, bytes });
  });
  return () => status !== undefined;
}

function open(socket: RawSocket) {
  return {
    close(code: number, reason: string) {
      // Libraries write whole frames, between which one of corn's may stand.
      if (socket.writable) socket.write(closeFrame(code, reason));
    },
    cut: () => socket.destroy(),
  };
}
