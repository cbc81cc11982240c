/** Handshakes of TLS over accepted sockets, by `node:tls`, which all three runtimes have. */
import { Buffer } from "node:buffer";
import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createSecureContext, createServer } from "node:tls";
import type {
  SecureContext,
  SecureContextOptions,
  Server,
  TlsOptions,
  TLSSocket,
} from "node:tls";
import type {
  TlsHandshake,
  TlsIdentity,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";
import { fits } from "../machine/certificates.ts";
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

/** What is spoken over TLS; the place of h2. */
const PROTOCOLS = ["http/1.1"];

/** A client that speaks HTTP without TLS. On Deno that is told from nothing else. */
const PLAIN_HTTP = "ERR_SSL_HTTP_REQUEST";

/** What it is told: it sees a connection that ends otherwise, as it does on Bun. */
const PLAIN_TEXT = "This port speaks TLS: ask by https://\n";
const PLAIN_ANSWER = [
  "HTTP/1.1 400 Bad Request",
  "content-type: text/plain; charset=utf-8",
  `content-length: ${PLAIN_TEXT.length}`,
  "connection: close",
  "",
  PLAIN_TEXT,
].join("\r\n");

/** Reasons whose own names say too little. */
const REASONS: Readonly<Record<string, string>> = {
  HTTP_REQUEST: "the client spoke plain HTTP",
  HTTPS_PROXY_REQUEST: "the client spoke plain HTTP, as to a proxy",
  WRONG_VERSION_NUMBER: "what the client sent is no TLS",
};

/** As much as a plain connection holds, see net-transport.ts. */
const HIGH_WATER = 256 * 1024;

/** What node:tls gives for a socket without a name, among others. */
type Named = TLSSocket & {
  readonly servername?: string | false | null;
  /** The accepted socket that it is made over. */
  readonly _parent?: Socket;
};

/** The identities of a material, by the names that clients ask for. */
class Names {
  readonly #exact = new Map<string, SecureContext>();
  readonly #otherwise: SecureContext;

  constructor(material: TlsMaterial) {
    for (const { name, ...identity } of material.names) {
      this.#exact.set(name.toLowerCase(), contextOf(material, identity));
    }
    this.#otherwise = contextOf(material, material);
  }

  find(asked: string): SecureContext {
    const name = asked.toLowerCase();
    const dot = name.indexOf(".");
    // RFC 6125 section 6.4.3: a star stands for one label.
    return this.#exact.get(name) ??
      (dot > 0 ? this.#exact.get(`*${name.slice(dot)}`) : undefined) ??
      this.#otherwise;
  }
}

function optionsOf(
  { ca, minVersion, ciphers, ticketKeys }: TlsMaterial,
  { cert, key }: TlsIdentity,
): SecureContextOptions & Pick<TlsOptions, "ticketKeys"> {
  return {
    cert,
    key,
    minVersion: `TLSv${minVersion}`,
    honorCipherOrder: true,
    // Node begins another handshake for any client that asks by TLS 1.2
    // (24.21.0, NODE-TLS-RENEGOTIATION); Bun and Deno never do.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION ?? 0,
    ...(ca !== undefined && { ca }),
    ...(ciphers !== undefined && { ciphers }),
    ...(ticketKeys !== undefined && {
      ticketKeys: Buffer.from(ticketKeys, "base64"),
    }),
  };
}

/** @throws what is wrong with it */
function contextOf(
  material: TlsMaterial,
  identity: TlsIdentity,
): SecureContext {
  const { cert, key } = identity;
  // Deno looks at neither until a client comes (2.9.5, DENO-TLS-UNCHECKED).
  if (!fits(cert, key)) {
    throw new TypeError("the key is not that of the certificate");
  }
  return createSecureContext(optionsOf(material, identity));
}

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
    const names = new Names(material);
    const asks = material.clientCertificates !== "none";
    const server = createServer({
      ...optionsOf(material, material),
      ALPNProtocols: PROTOCOLS,
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
          give(null, names.find(asked));
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
  return `the client's certificate is not accepted: ${inWords(String(code))}`;
}

/** Why a handshake failed; undefined where the client has only gone, as checks of a port do. */
function reasonOf(
  { code = "" }: Error & { readonly code?: string },
  socket: Named,
): string | undefined {
  if (socket.authorizationError) return refusalOf(socket);
  // So ends one too whose own side of TLS 1.3 is over, and that wants no more.
  if (code === "ECONNRESET") return undefined;
  const name = code.replace(/^ERR_(SSL|TLS)_/, "");
  return REASONS[name] ?? inWords(name);
}

/** An error's code as words. */
function inWords(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}
