/** The connections of the `node:http` engine, and which of them have been quiet for too long. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { noteDeparture } from "../../../src/base/http/client-failure.ts";
import {
  MOST_WAITING,
  SWEEP_MS,
  UNUSED_MS,
} from "../../../src/base/http/connection-limits.ts";
import type { EngineOptions } from "../../../src/runtime/runtime.ts";
import { clock } from "../machine/machine.ts";
import { lingerOn } from "./linger.ts";
import {
  setImmediate,
  setInterval,
  setTimeout,
} from "../originals/originals.ts";

/** What is known of one connection. */
interface Connection {
  readonly socket: Socket;
  /** The latest response, until it was seen to have ended; those before it, of pipelined requests, end before it does. */
  last: ServerResponse | undefined;
  /** Responses that wait for those before them, of pipelined requests; undefined where there were none. */
  waiting: Set<ServerResponse> | undefined;
  /** The request of the latest response, until it was seen to be complete. */
  incoming: IncomingMessage | undefined;
  /** When the connection was last seen at work, to within a sweep, or was accepted. */
  idleSince: number;
  /** True once it is another protocol's. */
  switched: boolean;
}

export interface ConnectionsOptions extends Pick<EngineOptions, "keepAliveMs"> {
  /** True where the HTTP server's own timer ends no connection between requests. */
  readonly feed: boolean;
  /** True where there is no time for a client that still sends. */
  hurried(): boolean;
  /** The last connection is gone. */
  onEmpty(): void;
}

const connectionOf = Symbol("corn.connection");
type Tracked = Socket & { [connectionOf]?: Connection };

/** Remembers what a request failed with since its client is gone, which http.Server has told it by then. */
function noteLeft({ incoming }: Connection): void {
  noteDeparture(incoming?.errored);
}

function isOpen(response: ServerResponse | undefined): boolean {
  return response !== undefined && !response.writableFinished &&
    !response.destroyed;
}

/** Keeps a response until its "close" event, by which its request counts as over. */
function keepUntilClosed(
  connection: Connection,
  outgoing: ServerResponse,
): void {
  const waiting = connection.waiting ??= new Set();
  waiting.add(outgoing);
  outgoing.once("close", () => waiting.delete(outgoing));
}

/**
 * Closes responses whose connection is gone: Deno's node:http does so for the
 * first of pipelined requests alone (2.9.5, DENO-PIPELINED-CLOSE).
 */
function closeWaiting(waiting: ReadonlySet<ServerResponse>): void {
  for (const outgoing of [...waiting]) {
    outgoing.destroy();
    if (waiting.has(outgoing)) outgoing.emit("close");
  }
}

export class NodeConnections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Set<Connection>();
  #accepted = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** How many there were. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  track(socket: Socket): void {
    this.#accepted++;
    const connection: Connection = {
      socket,
      last: undefined,
      waiting: undefined,
      incoming: undefined,
      idleSince: clock.lived(),
      switched: false,
    };
    (socket as Tracked)[connectionOf] = connection;
    this.#open.add(connection);
    const { destroySoon } = socket;
    // Called when the last answer is out.
    socket.destroySoon = () => {
      const { incoming } = connection;
      socket.destroySoon = destroySoon;
      if (incoming === undefined || incoming.complete || socket.destroyed) {
        return socket.destroySoon();
      }
      lingerOn(socket, incoming, this.#options.hurried);
    };
    // Deno's ends a request with its client's half of the connection (2.9.5,
    // DENO-CLIENT-LEFT).
    socket.once("end", () => noteLeft(connection));
    socket.once("close", () => {
      this.#open.delete(connection);
      noteLeft(connection);
      // Once the runtime has closed those that it closes by itself.
      if (connection.waiting !== undefined) {
        setImmediate(closeWaiting, connection.waiting);
      }
      if (this.#open.size === 0) this.#options.onEmpty();
    });
  }

  /** A request began on one of them. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = (incoming.socket as Tracked)[connectionOf];
    if (connection === undefined) return;
    if (isOpen(connection.last)) keepUntilClosed(connection, outgoing);
    connection.last = outgoing;
    connection.incoming = incoming;
  }

  /** One of them is another protocol's from now on. */
  switch(socket: Socket): void {
    const connection = (socket as Tracked)[connectionOf];
    if (connection === undefined) return;
    connection.switched = true;
    // They would be kept for as long as it is spoken.
    connection.last = connection.incoming = undefined;
  }

  /** Keeps none of them for another request, where that can still be said. */
  keepNone(): void {
    for (const { last } of this.#open) {
      if (last?.headersSent === false) last.shouldKeepAlive = false;
    }
  }

  /** Ends all of them. */
  destroy(): void {
    for (const { socket } of this.#open) socket.destroy();
  }

  /** Ends connections that were quiet for the keep-alive time; the HTTP server's own timer ends those between requests. */
  #sweep(): void {
    const { feed } = this.#options;
    // One that was used ends with its answer where none are kept.
    const idleMs = Math.max(this.#options.keepAliveMs, UNUSED_MS);
    const now = clock.lived();
    const quiet: [Socket, number][] = [];
    for (const connection of this.#open) {
      const { socket, last } = connection;
      if (connection.switched) {
        if (socket.writableLength > MOST_WAITING) socket.destroy();
        continue;
      }
      if (last !== undefined) {
        if (last.writableFinished || last.destroyed) {
          connection.last = undefined;
        }
        connection.idleSince = now;
      } else if (connection.incoming?.complete) {
        connection.incoming = undefined;
      }
      if (
        socket.writableLength > 0 || now - connection.idleSince < idleMs
      ) continue;
      if (feed || socket.bytesRead === 0) {
        quiet.push([socket, socket.bytesRead]);
      }
    }
    if (quiet.length === 0) return;
    // What came until now is read first: sockets are looked at before a timer.
    setTimeout(() => {
      for (const [socket, read] of quiet) {
        if (socket.bytesRead === read) socket.destroy();
      }
    }, 1);
  }
}
