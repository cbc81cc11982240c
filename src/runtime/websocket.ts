/** WebSockets: what an app gives for them, and what engines tell of those that are open. */

import type { HeadersSource } from "./exchange.ts";

/** The app's `websocket`, as `Bun.serve` takes it: settings, and functions of which `message` is one. */
export type BunHandlers = Readonly<Record<string, unknown>>;

/** The part of `net.Socket` that corn uses of a connection that it hands over. */
export interface RawSocket {
  readonly bytesWritten: number;
  /** Bytes that wait in the process. */
  readonly writableLength: number;
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
  /** Called with a request for a WebSocket that the app has nothing for, where no handler is told. */
  onMiss?(request: { readonly method?: string; readonly url?: string }): void;
  /** Bytes that a message to the wire engine may have. */
  readonly most: number;
  /** Milliseconds of silence after which the wire engine sends a ping; 0 for never. */
  readonly pingMs: number;
}

/** A WebSocket of the wire engine, which an adapter makes into what apps of its runtime know. */
export interface SocketSession {
  /** Bytes that the client has not taken yet. */
  readonly pending: number;
  /** Sends a message; nothing once it is closed. */
  send(data: string | Uint8Array): void;
  /** Sends a control frame of 125 bytes at most. */
  ping(bytes: Uint8Array): void;
  pong(bytes: Uint8Array): void;
  /** Gathers what is sent meanwhile into one write. */
  cork(run: () => void): void;
  /** Sends a close frame; without a code, one that has none. */
  close(code?: number, reason?: string): void;
  /** Ends the connection now. */
  cut(): void;
}

/** What happens on one; whatever an event throws is the caller's business. */
export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBinary(bytes: Uint8Array<ArrayBuffer>): void;
  onPing?(bytes: Uint8Array<ArrayBuffer>): void;
  onPong?(bytes: Uint8Array<ArrayBuffer>): void;
  /** The client has taken all that was sent. */
  onDrain?(): void;
  /** It is over: 1005 where the close frame had no code, 1006 where there was none. */
  onClose(code: number, reason: string): void;
}

/** How a request is answered that becomes one. */
export interface SocketAnswer {
  /** The subprotocol, one of those that were asked for. */
  readonly protocol?: string | undefined;
  readonly headers?: HeadersSource | undefined;
  /** Bytes that a message may have, where that is less than the worker's own limit. */
  readonly most?: number | undefined;
  /** Milliseconds of silence after which its client is asked for a sign of life, where the worker's own are not wanted; 0 for never. */
  readonly pingMs?: number | undefined;
  /** True to answer at once; else when the app has answered. */
  readonly atOnce: boolean;
  events(session: SocketSession): SocketEvents;
}
