/** What `node:http` would hand to an app beside a request of the wire engine; made when it is touched. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Peer } from "../../src/runtime/runtime.ts";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import { loadClasses } from "./message-classes.ts";
import type { Incoming, Outgoing } from "./message-classes.ts";
import { clientKey, peerOfSocket } from "../shared/sockets/peer.ts";
import type { ClientEnv } from "../shared/sockets/peer.ts";
import { microtask } from "../../src/base/promise.ts";

/** The `env` of an app on Node, as `@hono/node-server` has it (NODE-ENV-MESSAGES). */
export class Messages implements ClientEnv {
  readonly #socket: Socket;
  readonly #exchange: ExchangeHandle;
  #incoming: Incoming | undefined;
  #outgoing: Outgoing | undefined;

  constructor(socket: Socket, exchange: ExchangeHandle) {
    this.#socket = socket;
    this.#exchange = exchange;
  }

  get incoming(): IncomingMessage {
    if (this.#incoming === undefined) {
      const { Incoming } = loadClasses();
      this.#incoming = new Incoming(this.#socket, this.#exchange);
      // Handlers of the app run after the connection is done with its own.
      this.#exchange.watcher = {
        onLeft: (reason) => microtask(() => this.#leave(reason)),
        onOver: () => microtask(() => this.#end()),
      };
    }
    return this.#incoming;
  }

  /** Without a message made for it. */
  [clientKey](): Peer | undefined {
    return peerOfSocket(this.#socket);
  }

  get outgoing(): ServerResponse {
    const { Outgoing } = loadClasses();
    return this.#outgoing ??= new Outgoing(this.incoming, this.#exchange);
  }

  #leave(reason: Error): void {
    this.#incoming?.leave(reason);
    this.#outgoing?.leave();
  }

  #end(): void {
    this.#incoming?.destroy();
    if (this.#exchange.whole) this.#outgoing?.emit("finish");
    this.#outgoing?.leave();
  }
}
