/** What speaks HTTP in a worker, and what it calls for each request. */
import type { Place } from "./place.ts";
import type { Address, Peer, UnixAccess } from "./sockets.ts";
import type { TlsMaterial } from "./tls.ts";
import type { GivenSocket, SocketOptions } from "./websocket.ts";

/** Where an engine gets its connections from. */
export type Source =
  /** A listening socket inherited from the arbiter. */
  | {
    readonly kind: "descriptor";
    readonly descriptor: number;
    readonly address: Address;
    /** True where its connections begin with TLS. */
    readonly secure?: true;
  }
  /** An address that the worker binds itself, with SO_REUSEPORT where it is TCP. */
  | {
    readonly kind: "address";
    readonly address: Address;
    readonly secure?: true;
  };

/** The answer to a request: at once, or later. */
export type Answer = Response | Promise<Response>;

/** Takes an answer that came later, and gives the one to go on with. */
export type Finish = (response: Response) => Response;

/** What an engine calls for each request: the gateway. */
export interface RequestHandler {
  /** Which face of the handler is served: web-standard fetch, or a Node `(req, res)` listener. */
  readonly style: "fetch" | "node";
  /**
   * Answers a request; never throws or rejects. `env` is what the runtime's own
   * server hands to apps. An answer that comes later, and only such a one,
   * passes through `finish`, which costs less than another promise; a caller
   * that wants to see every answer calls `answerThrough`.
   */
  fetch(request: Request, env: unknown, finish?: Finish): Answer;
  /** Answers a Node request (`http.IncomingMessage`, `http.ServerResponse`); never throws. */
  node(incoming: unknown, outgoing: unknown): void;
}

/** What a runtime's own server tells of a request beside the Request. */
export interface NativeRequests {
  /** `http.IncomingMessage` and `http.ServerResponse` behind it; left out where there are none. */
  messages?(env: unknown): readonly [incoming: unknown, outgoing: unknown];
  /** The values of a request's Host fields, joined by ", ", where they cost less than `fieldsOf`; null where there is none. */
  hostOf?(request: unknown): string | null;
  /** The response of a request that has become a WebSocket, which must be given back whatever comes of it. */
  upgradeOf?(request: object): Response | undefined;
  /** Takes the connection of a message of `node:http` that asks to upgrade, by its response, which is over then; undefined where it is too late. */
  takeSocket?(outgoing: unknown): GivenSocket | undefined;
  /** The runtime's own Response of one that stands for it, see `NativeHttp.answerBy`; anything else as it is. */
  own?<T>(answer: T): T | Response;
  /** What a Response is that the server cannot send, where it does not say so itself. */
  unsendable?(response: Response): string | undefined;
  /** Where the server writes a request's URL as URL parsers do. */
  readonly normalizes?: true;
}

/** What a request is shown to be, because a trusted proxy says so; undefined leaves a part as it is. */
export interface ShownClient {
  /** The client; `hidden` where the proxy does not tell. */
  readonly client?:
    | Extract<Peer, { kind: "tcp" }>
    | { readonly kind: "hidden" }
    | undefined;
  /** True for https. */
  readonly secure?: boolean | undefined;
  /** Host, with a port where it is not the scheme's own. */
  readonly host?: string | undefined;
}

/** What every engine is told of the settings. */
export interface ServingOptions extends UnixAccess {
  /** Idle milliseconds after which a kept-alive connection is closed; 0 turns keep-alive off. */
  readonly keepAliveMs: number;
  /** Connections that wait to be accepted, of an address that the worker binds itself. */
  readonly backlog: number;
}

/** How an engine behaves. */
export interface EngineOptions extends ServingOptions {
  readonly handler: RequestHandler;
  /** Says what a person should know: that something works in another way than it should. */
  report(text: string): void;
  /** Called when a server has ended that was not to: it accepts nothing any more. */
  onEnd?(reason: string): void;
  /** What there is to know of WebSockets; left out where none are served. */
  readonly sockets?: SocketOptions;
  /** The place of the one request that may be in hand at a time; left out where any number may be. */
  readonly place?: Place;
  /** What TLS is spoken with; left out where no source is secure. */
  readonly tls?: TlsMaterial;
  /** How long a handshake of TLS may take, where the engine has no other time for it; 0 for any time. */
  readonly handshakeMs?: number;
}

/** What speaks HTTP in a worker. */
export interface Engine {
  /** Its name, for the log. */
  readonly name: string;
  /** Begins to accept from a source, or again after `release`, and gives its address. @throws the system's error. */
  open(source: Source): Promise<Address>;
  /**
   * Stops accepting from an inherited socket until it is opened again; what
   * waits there stays for others. False where the engine cannot.
   */
  release(descriptor: number): boolean;
  /**
   * Stops accepting without closing what is queued, answers what is open and
   * what still comes on kept-alive connections with `Connection: close`, keeps
   * idle connections for their keep-alive time, and resolves when the last one
   * has ended. Where a runtime cannot do a part of it, `docs/runtimes.md` says so.
   * `closed` is called once no connection that is made from then on is accepted.
   */
  drain(closed?: () => void): Promise<void>;
  /** Cuts every connection now. */
  close(): void;
  /** Speaks TLS with this from the next connection on; those that are open stay as they are. Left out where no TLS is spoken. @throws what is wrong with it: then all stays as it was */
  rekey?(material: TlsMaterial): void;
}

/** Engines that speak HTTP, and `auto` for either. */
export type HttpEngine = "auto" | "native" | "wire";
