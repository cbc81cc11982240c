/** Servers of `node:net` and `node:http` that the app tells to listen. */
import type { EventEmitter } from "node:events";
import { Server as NetServer } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import type {
  Address,
  ListenEvents,
  ListeningServer,
  ServerApp,
} from "../../../src/runtime/runtime.ts";
import { addressInfo } from "../sockets/address.ts";
import { isOwn } from "./own-servers.ts";

/** The part of a server of any kind that corn uses. */
interface AnyServer extends EventEmitter {
  listen(...args: unknown[]): unknown;
  close(callback?: (error?: Error) => void): unknown;
  address(): AddressInfo | string | null;
}

type Listen = AnyServer["listen"];

/** What `listen` was called with. */
interface Asked {
  readonly port?: number;
  readonly path?: string;
  readonly portless?: boolean;
  readonly signal?: AbortSignal;
}

/** As `net.Server.listen` reads its arguments. */
function askedBy([first]: readonly unknown[]): Asked {
  if (typeof first === "object" && first !== null) {
    const { port, path, signal } = first as Record<string, unknown>;
    const aborts = signal instanceof AbortSignal ? { signal } : {};
    if (port != null) return { port: Number(port), ...aborts };
    if (typeof path === "string") return { path, ...aborts };
    const { fd, _handle } = first as Record<string, unknown>;
    const portless = "port" in first && fd === undefined &&
      _handle === undefined;
    return { portless, ...aborts };
  }
  if (typeof first === "function" || first === undefined || first === null) {
    return { port: 0 };
  }
  const port = Number(first);
  return port >= 0 ? { port } : { path: String(first) };
}

/** By what they have: to ask for classes would load what the app does not use. */
function speaksHttp(server: AnyServer): boolean {
  // http2's also emit "request", with other messages.
  if ("updateSettings" in server) return false;
  return "headersTimeout" in server || server.listenerCount("request") > 0;
}

/** A server that is kept from listening. */
class HeldServer implements ListeningServer {
  readonly port: number | undefined;
  readonly portless: boolean;
  readonly asked: string;
  readonly secure: boolean;
  readonly app: ServerApp | undefined;
  readonly #server: AnyServer;
  readonly #address: Address;
  readonly #listen: () => void;
  readonly #callback: (() => void) | undefined;
  /** Leaves its signal alone. */
  #ignoreSignal: () => void = () => {};
  #state: "waits" | "listens" | "closes" | "closed" = "waits";
  #ended = false;

  constructor(
    server: AnyServer,
    args: readonly unknown[],
    { listen, address }: { listen: () => void; address: Address },
  ) {
    const { port, path, portless = false } = askedBy(args);
    this.port = port;
    this.portless = portless;
    this.asked = port !== undefined
      ? `port ${port}`
      : path ?? (portless ? "any port" : "a descriptor or handle");
    // Bun's have another class.
    this.secure = "setSecureContext" in server || "ALPNProtocols" in server;
    this.app = !speaksHttp(server) ? undefined : {
      style: "node",
      server,
      call: (incoming, outgoing) =>
        void server.emit("request", incoming, outgoing),
    };
    this.#server = server;
    this.#address = address;
    this.#listen = listen;
    const last = args.at(-1);
    this.#callback = typeof last === "function"
      ? last as () => void
      : undefined;
  }

  /** Keeps the server from listening, and from what it would do to a socket that it does not have. */
  hold(
    signal: AbortSignal | undefined,
    onClose: (server: ListeningServer) => void,
  ): void {
    const server = this.#server;
    if (this.#callback !== undefined) server.once("listening", this.#callback);
    const define = (name: string, descriptor: PropertyDescriptor) =>
      Object.defineProperty(server, name, {
        configurable: true,
        ...descriptor,
      });
    define("listening", { get: () => this.#open });
    define("address", {
      value: () => this.#open ? addressInfo(this.#address) : null,
    });
    define("close", {
      value: (callback?: (error?: Error) => void) => {
        this.#close(callback, onClose);
        return server;
      },
    });
    if (signal !== undefined) this.#heed(signal, onClose);
  }

  /** Closes at a signal, as `net.Server` does. */
  #heed(
    signal: AbortSignal,
    onClose: (server: ListeningServer) => void,
  ): void {
    const close = () => {
      if (this.#state !== "closed") this.#close(undefined, onClose);
    };
    signal.addEventListener("abort", close);
    let heeded = true;
    if (signal.aborted) process.nextTick(() => heeded && close());
    this.#ignoreSignal = () => {
      heeded = false;
      signal.removeEventListener("abort", close);
    };
  }

  get #open(): boolean {
    return this.#state === "listens" || this.#state === "closes";
  }

  serve(): void {
    if (this.#state !== "waits") return;
    this.#state = "listens";
    this.#server.emit("listening");
  }

  release(): void {
    this.#ignoreSignal();
    const server = this.#server as unknown as Record<string, unknown>;
    for (const name of ["listening", "address", "close"]) delete server[name];
    if (this.#callback !== undefined) {
      this.#server.off("listening", this.#callback);
    }
    this.#listen();
  }

  end(): void {
    this.#ended = true;
    this.#settle();
  }

  #close(
    callback: ((error?: Error) => void) | undefined,
    onClose: (server: ListeningServer) => void,
  ): void {
    if (this.#state === "closed") {
      const error = new Error("Server is not running.");
      process.nextTick(() =>
        callback?.(Object.assign(error, { code: "ERR_SERVER_NOT_RUNNING" }))
      );
      return;
    }
    if (callback !== undefined) this.#server.once("close", callback);
    if (this.#state === "closes") return;
    this.#state = "closes";
    if (!this.#ended) onClose(this);
    this.#settle();
  }

  #settle(): void {
    if (!this.#ended || this.#state !== "closes") return;
    this.#state = "closed";
    this.#ignoreSignal();
    process.nextTick(() => this.#server.emit("close"));
  }
}

/** Asks about each server whose class is one of these, or made from it. */
export function watchNodeServers(
  { address, onListen, onClose }: ListenEvents,
  classes: readonly { readonly prototype: unknown }[] = [NetServer],
): void {
  refuseCluster();
  for (const { prototype } of classes as readonly { prototype: AnyServer }[]) {
    if (!Object.hasOwn(prototype, "listen")) continue;
    const listen: Listen = prototype.listen;
    prototype.listen = function (this: AnyServer, ...args: unknown[]) {
      const pass = () => {
        depth++;
        try {
          listen.apply(this, args);
        } finally {
          depth--;
        }
        return this;
      };
      // A class that is made from another may call that one's.
      if (isOwn(this) || depth > 0) return pass();
      const held = new HeldServer(this, args, { address, listen: pass });
      const verdict = onListen(held);
      if (verdict === "let") pass();
      else if (verdict === "hold") held.hold(askedBy(args).signal, onClose);
      else process.nextTick(() => this.emit("error", verdict));
      return this;
    };
  }
}

/** The same where `http.Server` listens by a method of its own, as on Bun and Deno. */
export function watchHttpServers(events: ListenEvents): void {
  const { Server: HttpServer } = process.getBuiltinModule("node:http");
  watchNodeServers(events, [HttpServer, NetServer]);
}

/** Has `fork()` of node:cluster say what is wrong: it would start corn's worker again, which has no arbiter then. */
function refuseCluster(): void {
  const cluster = process.getBuiltinModule("node:cluster");
  (cluster as unknown as { fork: () => never }).fork = () => {
    throw new Error(
      "Cannot fork by node:cluster in a worker of corn, which keeps the workers itself: leave out the branch of cluster.isPrimary, or start the file that serves",
    );
  };
}

/** How many servers are being let listen, and call what does it. */
let depth = 0;

/** True while one of them is, which on Bun is the work of `Bun.serve` and `Bun.listen`. */
export function isLetting(): boolean {
  return depth > 0;
}
