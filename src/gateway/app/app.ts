/** What an app is. */
import type { HookWorker } from "../../hooks/types.ts";
import type { SocketApp, TlsPeer } from "../../runtime/runtime.ts";
import type { ForwardedCertificate } from "../../runtime/tls.ts";
import type { TrailersSource } from "../../runtime/exchange.ts";
import type { ListeningServer } from "../../runtime/listening.ts";

/** The third argument of `fetch`, as edge runtimes have it. */
export interface AppContext {
  /** Holds a drain open until the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
  /** There is nothing to pass a failure through to: does nothing. */
  passThroughOnException(): void;
  /** Always empty. */
  readonly props: Readonly<Record<string, unknown>>;
  /**
   * Sends 103 with these fields before the response (RFC 8297), such as `link`.
   * False where that is not possible: the response has begun, the client speaks
   * HTTP/1.0, or the worker serves with `Bun.serve` or `Deno.serve`.
   */
  earlyHints(headers: HeadersInit): boolean;
  /**
   * The trailers of the request (RFC 9110 section 6.5). Read the body first:
   * it resolves when the last of it came. Bun's and Deno's own servers lose them.
   */
  trailers(): Promise<Headers>;
  /**
   * Sends these fields after the body of the response (RFC 9110 section 6.5),
   * which is sent in chunks then: values, or functions that give them once the
   * body has ended. False where they would not be read: the client did not say
   * `TE: trailers`, the response has begun, the request is a HEAD, or the
   * worker serves with its runtime's own server.
   * @throws TypeError for fields that must stand before the body
   */
  sendTrailers(fields: TrailersSource): boolean;
  /** What the TLS of the request's connection came to; undefined where it came without. */
  readonly tls?: TlsPeer | undefined;
  /**
   * The certificate that a client has shown to a trusted proxy (RFC 9440), which
   * has judged it; undefined where none was told, or `client-cert` is not among
   * `forwardedHeaders`.
   */
  forwardedCertificate(): ForwardedCertificate | undefined;
}

/** A web-standard app. */
export type FetchApp = (
  request: Request,
  env: unknown,
  context: AppContext,
) => unknown;

/** A Node listener: `(req, res)`. */
export type NodeApp = (incoming: unknown, outgoing: unknown) => unknown;

/** What an app may export beside itself. */
export interface Lifecycle {
  /** Called before the worker is ready; what it throws fails the boot. */
  readonly onStart?: (worker: HookWorker) => unknown;
  /** Called when the worker has answered all requests and is to exit. */
  readonly onStop?: (worker: HookWorker) => unknown;
  /** Gives the app's own metrics, as Prometheus' text or a promise of it. */
  readonly metrics?: () => unknown;
}

/** Members that an app gives for a server of its own, and that corn does not use. */
export interface Unused {
  readonly text: string;
  /** True where the app may rely on one of them. */
  readonly grave: boolean;
}

/** What the app brings of a server of its own. */
export interface OwnServer {
  /** The server that it told to listen, which corn stands in for. */
  readonly listens?: ListeningServer;
  /** The export that the app was found in, which may be that server. */
  readonly made?: unknown;
  /** What it was given for such a server, and corn does not use. */
  readonly unused?: Unused | undefined;
}

/** The user's app, ready to be called. */
export type App =
  & (
    | { readonly style: "fetch"; readonly call: FetchApp }
    | { readonly style: "node"; readonly call: NodeApp }
  )
  & {
    /** What serves its WebSockets; left out where that is its call alone, as on Deno, or nothing. */
    readonly sockets?: SocketApp | undefined;
  }
  & Lifecycle
  & OwnServer;
