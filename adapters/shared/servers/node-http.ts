/**
 * The `node:http` engine: native on Node, and what serves Node `(req, res)`
 * apps on Bun and Deno.
 */
import type {
  IncomingMessage,
  Server as HttpServer,
  ServerOptions,
  ServerResponse,
} from "node:http";
import { createServer as createNetServer, Server as NetServer } from "node:net";
import process from "node:process";
import type { Socket } from "node:net";
import type {
  Address,
  Closeable,
  Engine,
  EngineOptions,
  Source,
} from "../../../src/runtime/runtime.ts";
import { lacksRoom } from "../files/lacks-room.ts";
import { NodeConnections } from "./node-connections.ts";
import { NodeDoors } from "./node-doors.ts";
import { addressFrom } from "../sockets/address.ts";
import { markOwn } from "./own-servers.ts";
import { markSocket } from "../sockets/peer.ts";
import { expectFrom, placedListener } from "./placed.ts";
import { answerUpgrade, isHandshake } from "./upgrade.ts";
import { setOwner, withMode } from "../sockets/unix-name.ts";
import { setTimeout } from "../originals/originals.ts";

type Listener = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => unknown;

/** How a runtime's `node:http` differs. */
export interface NodeHttpOptions extends EngineOptions {
  /** Turns the handler into a Node listener. */
  readonly listener: Listener;
  /**
   * True where `http.Server.listen` ignores `fd` and `reusePort`, and sockets
   * come from a `net.Server` instead (Bun 1.4.5 binds a random port: BUN-NO-FD,
   * BUN-HTTP-REUSEPORT). The server's own timers do not run then, so idle
   * sockets are swept here.
   */
  readonly feed: boolean;
  /** Options of the runtime's own server. */
  readonly server?: ServerOptions;
  /** Lets a server's listening socket rest, or takes it up again; false where that failed. */
  accept?(server: NetServer, on: boolean): boolean;
  /** Throws where there are too few descriptors to listen on an inherited socket and to watch it. */
  demandRoom?(descriptor: number): void;
  /** Keeps watch on an inherited socket, where the runtime does not get over too many open files by itself. */
  watch?(descriptor: number, accepting: Accepting): Watch | undefined;
}

/** A watch on an inherited socket. */
export interface Watch extends Closeable {
  /**
   * Stops accepting, where the runtime has accepted what it has not told of yet
   * and would cut it with the server: where it did, the server's close must wait
   * for some turns of the loop.
   */
  rest?(): boolean;
}

/** A server's accepting from an inherited socket. */
export interface Accepting {
  /** Connections so far. */
  accepted(): number;
  /** Begins anew, on another descriptor of the socket. */
  listen(descriptor: number): void;
}

/** A server on an inherited socket. */
interface Inherited {
  readonly server: NetServer;
  readonly address: Address;
  /** True while its socket is left to others. */
  released: boolean;
}

/** Until what descriptors lacked for is tried again. */
const RETRY_MS = 250;
/** Turns of the loop until what the runtime has accepted is told of, and how far they are apart. */
const TELLING_TURNS = 3;
const TURN_MS = 10;

export function createNodeHttpEngine(options: NodeHttpOptions): Engine {
  const { keepAliveMs, feed, place } = options;
  const listener = place === undefined
    ? options.listener
    : placedListener(options.listener, place);
  const servers: NetServer[] = [];
  const watches: Watch[] = [];
  /** Servers on inherited sockets, by descriptor. */
  const inherited = new Map<number, Inherited>();
  const doors = new NodeDoors({ ...options, onFailed: endDrain });
  let draining = false;
  let stopped = false;
  let drained: (() => void) | undefined;
  /** False while the one request that may be in hand is. */
  let free = true;
  place?.watch((now) => {
    free = now;
    for (const one of inherited.values()) rest(one);
  });
  const connections = new NodeConnections({
    keepAliveMs,
    feed,
    hurried: () => draining,
    onEmpty: endDrain,
  });

  /** Accepts, or leaves what comes to others; false where that failed. */
  function rest({ server, released }: Inherited): boolean {
    return options.accept?.(server, free && !released) === true;
  }

  function endDrain(): void {
    if (stopped && connections.size === 0 && !doors.shaking) drained?.();
  }

  /** Ends the watches, then the servers, without their connections. */
  function stopAccepting(): void {
    stopped = true;
    for (const watch of watches.splice(0)) watch.close();
    // http.Server's close() also ends idle connections, with a request perhaps
    // on its way (NODE-CLOSE-IDLE).
    for (const server of servers) NetServer.prototype.close.call(server);
  }

  /** As `stopAccepting`, once what was accepted is told of. */
  async function stopGently(): Promise<void> {
    const rests = watches.map(({ rest }) => rest?.() === true);
    const turns = rests.includes(true) ? TELLING_TURNS : 0;
    for (let turn = 0; turn < turns; turn++) {
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
    stopAccepting();
    endDrain();
  }

  function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    connections.begin(incoming, outgoing);
    // Makes node:http write "Connection: close" and end the connection after the response.
    if (draining || keepAliveMs === 0) outgoing.shouldKeepAlive = false;
    listener(incoming, outgoing);
  }

  function upgrade(
    incoming: IncomingMessage,
    socket: Socket,
    head: Uint8Array,
  ): void {
    answerUpgrade({ incoming, socket, head }, {
      listener: answer,
      onTaken: () => connections.switch(socket),
    });
  }

  function createHttpServer(address: Address): HttpServer {
    const { app } = options.sockets ?? {};
    const shouldUpgradeCallback = (incoming: IncomingMessage) => {
      if (!isHandshake(incoming)) return false;
      if (app?.style === "node") return app.takes?.() !== false;
      options.sockets?.onMiss?.(incoming);
      return false;
    };
    // Not imported: a namespace of it reads its WebSocket, which loads all of
    // Node's fetch (NODE-HTTP-LOADS-FETCH).
    const { createServer } = process.getBuiltinModule("node:http");
    const server = createServer(
      { ...options.server, ...{ shouldUpgradeCallback } },
      answer,
    );
    if (app?.style === "node") server.on("upgrade", upgrade);
    server.keepAliveTimeout = keepAliveMs;
    server.on("connection", (socket) => {
      markSocket(socket, address);
      connections.track(socket);
    });
    if (place !== undefined) expectFrom(server, place);
    return server;
  }

  /** Watches an inherited socket; where there are too few descriptors to do so, once there is room. */
  function watchOver(descriptor: number, accepting: Accepting): void {
    if (draining) return;
    try {
      const watch = options.watch?.(descriptor, accepting);
      if (watch) watches.push(watch);
    } catch (error) {
      if (!lacksRoom(error)) throw error;
      setTimeout(watchOver, RETRY_MS, descriptor, accepting).unref();
    }
  }

  async function accept(source: Source): Promise<Address> {
    const http = createHttpServer(source.address);
    const secure = source.secure ? await doors.serve(http) : undefined;
    // As http.Server makes its own sockets: half-open until the response is out, no delay.
    const net: NetServer = markOwn(
      secure !== undefined ? secure : feed
        ? createNetServer(
          { allowHalfOpen: true, noDelay: true },
          (socket) => void http.emit("connection", socket),
        )
        : http,
    );
    const { backlog } = options;
    return await new Promise((resolve, reject) => {
      if (source.kind === "descriptor") {
        options.demandRoom?.(source.descriptor);
      }
      servers.push(net);
      net.once("error", reject);
      const ready = () => {
        net.off("error", reject);
        let again = false;
        net.on("close", () => {
          // It comes when the last connection has ended, long after another was begun.
          if (draining || again || net.listening) return;
          options.onEnd?.("The node:http server was closed");
        });
        const listen = (fd: number) => {
          again = true;
          NetServer.prototype.close.call(net);
          net.listen({ fd }, backlog as never, () => void (again = false));
        };
        try {
          if (source.kind === "descriptor") {
            watchOver(source.descriptor, {
              accepted: () => connections.accepted,
              listen,
            });
          }
          if (source.kind === "address" && source.address.kind === "unix") {
            setOwner(source.address.path, options);
          }
        } catch (error) {
          return reject(error);
        }
        const address = addressFrom(net.address(), source.address);
        if (source.kind === "descriptor") {
          const one = { server: net, address, released: false };
          inherited.set(source.descriptor, one);
          rest(one);
        }
        resolve(address);
      };
      if (source.kind === "descriptor") {
        // The backlog is the second argument here: as an option it is ignored.
        net.listen({ fd: source.descriptor }, backlog as never, ready);
      } else if (source.address.kind === "unix") {
        const { path } = source.address;
        withMode(path, options, () => net.listen({ path, backlog }, ready));
      } else {
        const { host, port } = source.address;
        net.listen({ host, port, backlog, reusePort: true }, ready);
      }
    });
  }

  return {
    name: "node:http",
    open(source) {
      const known = source.kind === "descriptor"
        ? inherited.get(source.descriptor)
        : undefined;
      if (known === undefined) return accept(source);
      known.released = false;
      rest(known);
      return Promise.resolve(known.address);
    },
    release(descriptor) {
      const known = inherited.get(descriptor);
      if (known === undefined) return false;
      known.released = true;
      return known.released = rest(known);
    },
    drain(closed) {
      draining = true;
      connections.keepNone();
      doors.hurry(keepAliveMs);
      return new Promise((resolve) => {
        drained = resolve;
        void stopGently().then(closed);
      });
    },
    close() {
      draining = true;
      stopAccepting();
      doors.close();
      connections.destroy();
    },
    rekey: (newer) => doors.rekey(newer),
  };
}
