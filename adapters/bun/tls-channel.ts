/** A connection of the wire engine that speaks TLS by Bun's own sockets, from its first byte on or after a header of a proxy. */
import { Buffer } from "node:buffer";
import type {
  ClientCertificates,
  TlsHandshake,
  TlsMaterial,
} from "../../src/runtime/runtime.ts";
import type { TransportOptions } from "../../src/runtime/transport.ts";
import { PROTOCOLS, TlsContexts } from "../shared/servers/tls-contexts.ts";
import {
  failureInWords,
  refusedCertificate,
} from "../shared/servers/tls-failures.ts";
import { BunChannel } from "./wire-channel.ts";
import type {
  BunChannelOptions,
  BunSocket,
  BunSocketEvents,
} from "./wire-channel.ts";

/** The part of Bun's sockets of TLS that corn uses. */
export interface BunTlsSocket extends BunSocket {
  data: BunTlsChannel;
  readonly authorized: boolean;
  /** Closes it now, without the end of TLS. */
  close(): void;
  getTLSVersion(): string;
  getCipher(): { readonly name: string | null };
  getServername(): string | undefined;
  getPeerX509Certificate(): { readonly raw: Uint8Array } | undefined;
}

/** Why a handshake failed, or a client's certificate is not accepted. */
interface TlsError {
  readonly code?: string;
  readonly message?: string;
}

/** An accepted socket, which Bun makes another of that speaks TLS on the same descriptor (1.4.5, BUN-UPGRADE-TLS). */
interface BunAcceptedSocket extends BunSocket {
  upgradeTLS(options: {
    data: BunTlsChannel;
    tls: Record<string, unknown>;
    socket: BunTlsEvents;
    isServer: true;
    initialData?: Uint8Array;
  }): readonly [accepted: BunSocket, secure: BunTlsSocket];
}

/** What Bun calls for a socket that speaks TLS. */
interface BunTlsEvents {
  handshake(
    socket: BunTlsSocket,
    done: boolean,
    error: TlsError | null | undefined,
  ): void;
  data(socket: BunTlsSocket, bytes: Uint8Array): void;
  drain(socket: BunTlsSocket): void;
  end(socket: BunTlsSocket): void;
  close(socket: BunTlsSocket): void;
  error(): void;
  /** Gives the context for the name that a client asks for. */
  serverName?(channel: BunTlsChannel, name: string): unknown;
}

/** The names of protocols, as they stand in a handshake: each behind its length (RFC 7301 section 3.1). */
const WIRE_PROTOCOLS = Buffer.concat(
  PROTOCOLS.flatMap((name) => [Buffer.of(name.length), Buffer.from(name)]),
);

/** What a material comes to. */
interface Speech {
  readonly tls: Record<string, unknown>;
  readonly events: BunTlsEvents;
  readonly asked: ClientCertificates;
}

/** The context of `node:tls` as Bun's sockets take it. */
function nativeOf(context: unknown): unknown {
  return (context as { readonly context: unknown }).context;
}

/** @throws what is wrong with the material */
function speechOf(material: TlsMaterial): Speech {
  const contexts = new TlsContexts(material);
  const { clientCertificates: asked, names } = material;
  return {
    asked,
    tls: {
      secureContext: nativeOf(contexts.otherwise),
      requestCert: asked !== "none",
      rejectUnauthorized: asked === "required",
      ALPNProtocols: WIRE_PROTOCOLS,
    },
    events: {
      handshake: (socket, done, error) =>
        done
          ? socket.data.onSecure(socket, error?.code)
          : socket.data.onFailed(error),
      data: ({ data }, bytes) => data.onSecureData(bytes),
      drain: ({ data }) => data.onDrain(),
      end: ({ data }) => data.onEnd(),
      close: ({ data }) => data.onClose(),
      error() {}, // "close" follows.
      ...(names.length > 0 && {
        serverName: (_, name) => nativeOf(contexts.find(name)),
      }),
    },
  };
}

export interface BunTlsOptions
  extends Pick<TransportOptions, "accept" | "onHandshakeFailure" | "prefaced"> {
  readonly channelOptions: Omit<BunChannelOptions, "gather">;
  /** True where something came on a connection, by its descriptor. */
  hasReceived(descriptor: number): boolean;
}

/** What all connections of a listener share. */
class BunTls {
  readonly options: BunTlsOptions;
  /** What is spoken from the next connection on. */
  speech: Speech;

  constructor(speech: Speech, options: BunTlsOptions) {
    this.speech = speech;
    this.options = options;
  }
}

/** What serves a listener's connections over TLS. @throws what is wrong with the material */
export function createTlsEvents(
  material: TlsMaterial,
  options: BunTlsOptions,
): {
  readonly socket: BunSocketEvents;
  /** @throws what is wrong with it */
  rekey(newer: TlsMaterial): void;
} {
  const server = new BunTls(speechOf(material), options);
  return {
    socket: options.prefaced === true
      ? prefacedEvents(server)
      // It is not to be told what comes (Bun 1.4.5, BUN-TLS-BENEATH).
      : { open: (socket) => open(socket, server).begin(), drain() {} },
    rekey(newer) {
      server.speech = speechOf(newer);
    },
  };
}

function open(socket: BunSocket, server: BunTls): BunTlsChannel {
  socket.setNoDelay(true);
  const channel = new BunTlsChannel(socket, server);
  socket.data = channel;
  channel.events = server.options.accept(channel);
  return channel;
}

/** Where something comes before TLS, it is the accepted socket's. */
function prefacedEvents(server: BunTls): BunSocketEvents {
  const before = ({ data }: BunSocket) =>
    (data as BunTlsChannel).begun ? undefined : data;
  return {
    open: (socket) => void open(socket, server),
    data: (socket, bytes) => before(socket)?.onData(bytes),
    drain() {},
    end: (socket) => before(socket)?.onEnd(),
    close: (socket) => before(socket)?.onClose(),
    error() {}, // "close" follows.
  };
}

export class BunTlsChannel extends BunChannel {
  readonly secure = true;
  declare startTls?: (rest: Uint8Array) => void;
  unnamed?: boolean;
  readonly #accepted: BunAcceptedSocket;
  readonly #server: BunTls;
  /** There once TLS has begun. */
  #socket: BunTlsSocket | undefined;
  #asked: ClientCertificates = "none";
  #handshake: TlsHandshake | undefined;
  /** True once there is nothing to tell of a handshake that fails. */
  #told = false;

  constructor(accepted: BunSocket, server: BunTls) {
    super(accepted, { ...server.options.channelOptions, gather: undefined });
    this.#accepted = accepted as BunAcceptedSocket;
    this.#server = server;
    if (server.options.prefaced === true) {
      this.startTls = (rest) => this.begin(rest);
    }
  }

  /** True from the first byte of TLS on: nothing is the accepted socket's then. */
  get begun(): boolean {
    return this.#socket !== undefined;
  }

  /** Begins TLS, with what was read of it. */
  begin(rest?: Uint8Array): void {
    this.startTls = undefined;
    const { tls, events, asked } = this.#server.speech;
    this.#asked = asked;
    const [, socket] = this.#accepted.upgradeTLS({
      data: this,
      tls,
      socket: events,
      isServer: true,
      ...(rest !== undefined && rest.length > 0 && {
        initialData: Buffer.from(rest),
      }),
    });
    this.#socket = socket;
    this.moveTo(socket);
  }

  override write(text: string, bytes?: Uint8Array, after?: string): boolean {
    if (this.#handshake === undefined) return false;
    return super.write(text, bytes, after);
  }

  /** Before its handshake is over there is nothing that could follow: its time is. */
  override end(): void {
    if (this.#handshake !== undefined) return super.end();
    const { hasReceived } = this.#server.options;
    const { fd } = this.#socket ?? this.#accepted;
    if (hasReceived(fd)) this.#tell("it took too long");
    this.cut(false);
  }

  override cut(reset: boolean): void {
    this.#told = true;
    if (reset || this.#socket === undefined) super.cut(reset);
    // end() would wait for the client's end of TLS (Bun 1.4.5, BUN-TLS-END).
    else if (!this.closed) this.#socket.close();
  }

  tls(): TlsHandshake | undefined {
    return this.#handshake;
  }

  onSecure(socket: BunTlsSocket, problem: string | undefined): void {
    const asks = this.#asked !== "none";
    const authorized = asks && socket.authorized;
    const certificate = asks ? certificateOf(socket) : undefined;
    const shown = certificate !== undefined || this.#asked === "required";
    if (shown && !authorized) {
      this.#tell(refusedCertificate(problem ?? "unknown"));
      return this.cut(false);
    }
    const servername = socket.getServername();
    this.#handshake = {
      protocol: socket.getTLSVersion(),
      cipher: socket.getCipher().name ?? "",
      ...(servername && { servername }),
      authorized,
      ...(certificate && { certificate }),
    };
  }

  onFailed(error: TlsError | null | undefined): void {
    const { code = "", message = "" } = error ?? {};
    // The client has only gone, as checks of a port do.
    if (code === "ECONNRESET") return;
    const reason = message.slice(message.lastIndexOf(":") + 1);
    this.#tell(failureInWords(reason));
  }

  /** What came with the certificate of a client that was refused is not read. */
  onSecureData(bytes: Uint8Array): void {
    if (this.#handshake !== undefined) this.onData(bytes);
  }

  #tell(reason: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#server.options.onHandshakeFailure?.({ peer: this.peer(), reason });
  }
}

function certificateOf(
  socket: BunTlsSocket,
): Uint8Array<ArrayBuffer> | undefined {
  const raw = socket.getPeerX509Certificate()?.raw;
  return raw === undefined ? undefined : new Uint8Array(raw);
}
