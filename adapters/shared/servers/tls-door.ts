/** Handshakes of TLS over accepted sockets, by `node:tls`, which all three runtimes have. */
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { SecureContext, Server, TLSSocket } from "node:tls";
import type {
  TlsHandshake,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";
import { contextOptions, PROTOCOLS, TlsContexts } from "./tls-contexts.ts";
import {
  failureInWords,
  PLAIN_ANSWER,
  refusedCertificate,
} from "./tls-failures.ts";
import {
  clearTimeout,
  setImmediate,
  setTimeout,
} from "../originals/originals.ts";

/** What becomes of a handshake; one of them is called. */
export interface HandshakeEvents {
  onSecure(socket: TLSSocket, handshake: TlsHandshake): void;
  /** The connection is gone; `reason` is undefined where nothing came on it. */
  onFailed(reason: string | undefined): void;
}

/** What is known of a handshake that is under way. */
interface Waiting {
  readonly events: HandshakeEvents;
  /** Ends it when it has taken too long. */
  timer: ReturnType<typeof setTimeout> | undefined;
  reason?: string;
}

/** A client that speaks HTTP without TLS. On Deno that is told from nothing else. */
const PLAIN_HTTP = "ERR_SSL_HTTP_REQUEST";

/** As much as a plain connection holds, see net-transport.ts. */
const HIGH_WATER = 256 * 1024;

/** What node:tls gives for a socket without a name, among others. */
type Named = TLSSocket & {
  readonly servername?: string | false | null;
  /** The accepted socket that it is made over. */
  readonly _parent?: Socket;
};

export class TlsDoor {
  readonly #waiting = new Map<Socket, Waiting>();
  readonly #limitMs: number;
  #server: Server;

  /** `limitMs` is how long a handshake may take; 0 where another sees to it. @throws what is wrong with the material */
  constructor(material: TlsMaterial, limitMs = 0) {
    this.#limitMs = limitMs;
    this.#server = this.#serverOf(material);
  }

  /** Handshakes that are under way. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Takes another material for sockets that are taken from now on. @throws what is wrong with it */
  rekey(material: TlsMaterial): void {
    this.#server = this.#serverOf(material);
  }

  /**
   * Begins a handshake on a socket that does not stay half-open: a client that
   * ends before it has begun, as checks of a port do, would leave one behind.
   * What was read of it and is TLS's must have been put back.
   */
  take(socket: Socket, events: HandshakeEvents): void {
    const waiting: Waiting = { events, timer: undefined };
    this.#waiting.set(socket, waiting);
    socket.on("error", () => {}); // "close" follows.
    if (this.#limitMs > 0) this.#limit(socket, waiting, this.#limitMs);
    socket.once("close", () => {
      clearTimeout(waiting.timer);
      // The reason may come behind it.
      setImmediate(() => this.#fail(socket));
    });
    this.#server.emit("connection", socket);
  }

  /** Gives what is under way so many milliseconds from now, and no more. */
  hurry(ms: number): void {
    for (const [socket, waiting] of this.#waiting) {
      this.#limit(socket, waiting, ms);
    }
  }

  #limit(socket: Socket, waiting: Waiting, ms: number): void {
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#expire(socket), ms);
  }

  /** Cuts what is under way. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  /** It does not listen: sockets are given to it. */
  #serverOf(material: TlsMaterial): Server {
    const contexts = new TlsContexts(material);
    const asks = material.clientCertificates !== "none";
    const server = createServer({
      ...contextOptions(material, material),
      ALPNProtocols: [...PROTOCOLS],
      // Others see to it.
      handshakeTimeout: 0,
      requestCert: asks,
      rejectUnauthorized: material.clientCertificates === "required",
      ...{ highWaterMark: HIGH_WATER },
      ...(material.names.length > 0 && {
        SNICallback(
          asked: string,
          give: (error: Error | null, context?: SecureContext) => void,
        ) {
          give(null, contexts.find(asked));
        },
      }),
    });
    server.on("secureConnection", (socket: Named) => this.#enter(socket, asks));
    server.on("tlsClientError", (error, socket: Named) => {
      const accepted = socket._parent;
      const waiting = accepted && this.#waiting.get(accepted);
      if (waiting === undefined) return;
      waiting.reason ??= reasonOf(error, socket);
      if ((error as { code?: string }).code === PLAIN_HTTP) {
        accepted?.write(PLAIN_ANSWER);
      }
    });
    return server;
  }

  #enter(socket: Named, asks: boolean): void {
    const accepted = socket._parent as Socket;
    const waiting = this.#waiting.get(accepted);
    if (waiting === undefined) return void socket.destroy();
    const certificate = asks ? certificateOf(socket) : undefined;
    if (certificate !== undefined && !socket.authorized) {
      waiting.reason = refusalOf(socket);
      return void socket.destroy();
    }
    this.#waiting.delete(accepted);
    clearTimeout(waiting.timer);
    // From now on its client may end and still read.
    socket.allowHalfOpen = true;
    const { servername } = socket;
    waiting.events.onSecure(socket, {
      protocol: socket.getProtocol() ?? "",
      cipher: socket.getCipher()?.name ?? "",
      ...(servername && { servername }),
      authorized: asks && socket.authorized,
      ...(certificate && { certificate }),
    });
  }

  #expire(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) return;
    if (socket.bytesRead > 0) waiting.reason ??= "it took too long";
    socket.destroy();
  }

  #fail(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    if (!this.#waiting.delete(socket)) return;
    waiting?.events.onFailed(waiting.reason);
  }
}

function certificateOf(socket: TLSSocket): Uint8Array<ArrayBuffer> | undefined {
  const raw = socket.getPeerCertificate()?.raw as Uint8Array | undefined;
  return raw === undefined ? undefined : new Uint8Array(raw);
}

function refusalOf({ authorizationError }: TLSSocket): string {
  const { code = authorizationError } = (authorizationError ?? {}) as {
    readonly code?: unknown;
  };
  return refusedCertificate(String(code));
}

/** Why a handshake failed; undefined where the client has only gone, as checks of a port do. */
function reasonOf(
  { code = "" }: Error & { readonly code?: string },
  socket: Named,
): string | undefined {
  if (socket.authorizationError) return refusalOf(socket);
  // So ends one too whose own side of TLS 1.3 is over, and that wants no more.
  if (code === "ECONNRESET") return undefined;
  return failureInWords(code.replace(/^ERR_(SSL|TLS)_/, ""));
}
