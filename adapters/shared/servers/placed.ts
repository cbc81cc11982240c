/** One request in hand at a time, by `node:http`. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Place, PlacedRequest } from "../../../src/runtime/runtime.ts";
import { setImmediate } from "../originals/originals.ts";

type Listener = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => unknown;

/** Lets each request have the place until the kernel has its answer, or its connection is gone. */
export function placedListener(listener: Listener, place: Place): Listener {
  return (incoming, outgoing) => {
    const request = new Wanting(incoming, outgoing);
    // In a turn of its own, or those that wait would come before all else.
    outgoing.once("close", () => setImmediate(() => place.leave(request)));
    if (place.take(request, incoming.socket)) listener(incoming, outgoing);
    else place.wait(request, () => listener(incoming, outgoing));
  };
}

/** Keeps the place for each connection until its request is there. */
export function expectFrom(server: Server, place: Place): void {
  server.on("connection", (socket) => {
    place.expect(socket);
    socket.once("close", () => place.leave(socket));
  });
}

/** A request that wants the place. */
class Wanting implements PlacedRequest {
  readonly method: string;
  readonly url: string;
  readonly #outgoing: ServerResponse;

  constructor({ method, url }: IncomingMessage, outgoing: ServerResponse) {
    this.method = String(method);
    // Routers change it.
    this.url = String(url);
    this.#outgoing = outgoing;
  }

  get answering(): boolean {
    return this.#outgoing.headersSent;
  }
}
