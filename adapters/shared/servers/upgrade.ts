/** Requests of `node:http` that ask to upgrade: they are answered as any other, unless their socket is taken. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { asksForSocket } from "../../../src/base/http/field-list.ts";
import type { GivenSocket, RawSocket } from "../../../src/runtime/runtime.ts";

/** What `node:http` gives to a listener of "upgrade". */
export interface UpgradeAsked {
  readonly incoming: IncomingMessage;
  readonly socket: Socket;
  readonly head: Uint8Array;
}

const givenBy = Symbol("corn.given");
type Giving = ServerResponse & { [givenBy]?: () => GivenSocket };

/** True for a request to become a WebSocket: what else could be upgraded is served as it is (RFC 9110 section 7.8). */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && asksForSocket(headers.upgrade) &&
    headers["content-length"] === undefined &&
    headers["transfer-encoding"] === undefined;
}

/** Calls a listener with a response that can be answered, or whose socket can be taken. */
export function answerUpgrade(
  { incoming, socket, head }: UpgradeAsked,
  { listener, onTaken }: {
    listener(incoming: IncomingMessage, outgoing: ServerResponse): unknown;
    onTaken(): void;
  },
): void {
  // node:http listens to it no more.
  socket.on("error", () => {});
  const http = process.getBuiltinModule("node:http");
  const outgoing: Giving = new http.ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  // Half open it would stay, where its client does not close.
  outgoing.on("finish", () => socket.destroySoon());
  if (isHandshake(incoming)) {
    outgoing[givenBy] = () => {
      outgoing[givenBy] = undefined;
      onTaken();
      outgoing.detachSocket(socket);
      outgoing.destroyed = true;
      outgoing.emit("close");
      return { socket: socket as unknown as RawSocket, head };
    };
  }
  listener(incoming, outgoing);
}

/** See `NativeRequests.takeSocket`. */
export function takeSocket(outgoing: unknown): GivenSocket | undefined {
  return (outgoing as Giving)[givenBy]?.();
}
