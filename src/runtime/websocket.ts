/** WebSockets: what an app gives for them, and what engines tell of those that are open. */

/** The app's `websocket`, as `Bun.serve` takes it: settings, and functions of which `message` is one. */
export type BunHandlers = Readonly<Record<string, unknown>>;

/** The part of `net.Socket` that corn uses of a connection that it hands over. */
export interface RawSocket {
  readonly bytesWritten: number;
  readonly destroyed: boolean;
  readonly writable: boolean;
  write: RawWrite;
  end: RawWrite;
  destroy(): void;
  once(event: "close", run: () => void): void;
}

export type RawWrite = (
  chunk?: unknown,
  encoding?: unknown,
  done?: unknown,
) => unknown;

/** A connection that was handed over. */
export interface GivenSocket {
  readonly socket: RawSocket;
  /** What came after the request's head. */
  readonly head: Uint8Array;
}

/** Answers a request to upgrade, by its socket alone; `head` is what came after the request's head. */
export type Upgrade = (
  incoming: unknown,
  socket: RawSocket,
  head: Uint8Array,
) => unknown;

/** How an app serves WebSockets. */
export type SocketApp =
  /** By the handlers of `Bun.serve`. */
  | { readonly style: "bun"; readonly handlers: BunHandlers }
  /** By a listener of `http.Server`'s "upgrade". */
  | {
    readonly style: "node";
    readonly upgrade: Upgrade;
    /** False while nothing listens, and requests to upgrade are served as others; always true unless given. */
    takes?(): boolean;
  };

/** An open WebSocket, as far as a worker ends it. */
export interface OpenSocket {
  /** Tells the client that it ends, by a close frame. */
  close(code: number, reason: string): void;
  /** Ends its connection now. */
  cut(): void;
}

/** How a WebSocket ended, as far as that is known. */
export interface SocketEnd {
  /** The code of its close frame (RFC 6455 section 7.4). */
  readonly code?: number | undefined;
  /** Bytes that were sent after the request's head. */
  readonly bytes?: number | undefined;
}

/** Knows the WebSockets of a worker. */
export interface SocketKeeper {
  /** Takes one that is open; `answer` is what stands for its response. Gives what is to be called at its end. */
  keep(socket: OpenSocket, answer: object): (end: SocketEnd) => void;
  /** Resolves when none is open. */
  gone(): Promise<void>;
}

/** What an engine is told of WebSockets. */
export interface SocketOptions {
  readonly keeper: SocketKeeper;
  /** What serves them; undefined where the app has nothing but its `fetch` or its listener. */
  readonly app: SocketApp | undefined;
}
