/** Servers that the app makes for itself, which corn stands in for. */
import type { Closeable } from "./clock.ts";
import type { Address } from "./sockets.ts";

/** What a server calls for each request, as its author gave it. */
export type ServerApp =
  | {
    readonly style: "node";
    /** The `http.Server`, whose "upgrade" listeners are the app's too. */
    readonly server: unknown;
    call(incoming: unknown, outgoing: unknown): unknown;
  }
  | {
    readonly style: "fetch";
    /** What the app has as its server. */
    readonly server: unknown;
    /** What `Bun.serve` or `Deno.serve` was called with. */
    readonly options: Readonly<Record<string, unknown>>;
    call(request: Request, env: unknown): unknown;
  };

/** A server of the app's that was told to listen. */
export interface ListeningServer {
  /** The port that it asked for, 0 for any; undefined where it asked for something else. */
  readonly port: number | undefined;
  /** True where it was told a port that is undefined, as the address of a server at a path has it. */
  readonly portless?: boolean;
  /** Where it asked to listen, in words: `port 3000`, `/run/app.sock`. */
  readonly asked: string;
  /** What it listens by, where that never speaks HTTP: `Bun.listen`. */
  readonly call?: string;
  /** Undefined where it does not speak HTTP/1.1. */
  readonly app: ServerApp | undefined;
  /** True where it would speak TLS. */
  readonly secure: boolean;
  /** Shows it as listening: what waits for that is called. */
  serve(): void;
  /** Lets it listen where it asked, after all. */
  release(): void;
  /** Tells it that its last connection has ended: what waits for its close is called. */
  end(): void;
}

/** What becomes of a server that is told to listen: kept from it, let be, or refused with an error. */
export type ListenVerdict = "hold" | "let" | Error;

export interface ListenEvents {
  /** Where corn serves, which is what a held server says of itself. */
  readonly address: Address;
  /** Says what becomes of a server, before it listens. */
  onListen(server: ListeningServer): ListenVerdict;
  /** The app closes a held server that has not ended. */
  onClose(server: ListeningServer): void;
}

/** What the app wants done when its process is told to end, which is kept from it until then. */
export interface Farewell {
  /** True where it handles SIGTERM or SIGINT. */
  readonly handlesSignals: boolean;
  /** True where it handles `beforeExit`. */
  readonly handlesExit: boolean;
  /**
   * Calls its handlers of a signal, SIGTERM unless told, or of the other one
   * where it has none of those.
   * Resolves when what they returned has settled: true where each of them gave
   * something to wait for, so that nothing is left to do. What they throw is
   * rejected with.
   */
  callSignalHandlers(signal?: "SIGTERM" | "SIGINT"): Promise<boolean>;
  /** Calls its `beforeExit` handlers, once. Resolves when what they returned has settled. */
  callExitHandlers(): Promise<void>;
  /**
   * Calls `run` once when nothing keeps the process alive but corn: no timer, no
   * socket and no file of the app's. Never where the runtime cannot tell.
   */
  onIdle(run: () => void): Closeable;
}
