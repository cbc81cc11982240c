/** WebSockets of the wire engine as `Bun.serve` gives them to apps, on Node as well. */
import { Buffer } from "node:buffer";
import type {
  BunHandlers,
  SocketAnswer,
  SocketEvents,
  SocketSession,
} from "../../../src/runtime/runtime.ts";
import type { TransportOptions } from "../../../src/runtime/transport.ts";
import { microtask } from "../../../src/base/promise.ts";

type Data = string | ArrayBufferLike | ArrayBufferView;
type Handler = (socket: WireServerSocket, ...args: unknown[]) => unknown;

/** What waits for a client beyond which Bun sends it nothing more. */
const BACKPRESSURE_LIMIT = 16 * 1024 * 1024;
/** Bun's own, in seconds. */
const IDLE_TIMEOUT = 120;

/** Bytes as a view of their memory. */
function bytesOf(data: Exclude<Data, string>): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function sizeOf(data: Data): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}

/** The sockets of each topic. */
class Topics {
  readonly #sockets = new Map<string, Set<WireServerSocket>>();

  of(topic: string): ReadonlySet<WireServerSocket> {
    return this.#sockets.get(topic) ?? new Set();
  }

  add(topic: string, socket: WireServerSocket): void {
    const sockets = this.#sockets.get(topic);
    if (sockets === undefined) this.#sockets.set(topic, new Set([socket]));
    else sockets.add(socket);
  }

  delete(topic: string, socket: WireServerSocket): void {
    const sockets = this.#sockets.get(topic);
    if (sockets?.delete(socket) && sockets.size === 0) {
      this.#sockets.delete(topic);
    }
  }

  /** Gives the bytes that were sent, to any number of sockets, as Bun does; 0 for none. */
  publish(topic: string, data: Data, but?: WireServerSocket): number {
    let sent = 0;
    for (const socket of this.of(topic)) {
      if (socket !== but && socket.send(data) !== 0) sent = sizeOf(data);
    }
    return sent;
  }
}

/** What all sockets of a server share. */
interface Shared {
  readonly handlers: BunHandlers;
  readonly topics: Topics;
  pending: number;
}

/** Bun's ServerWebSocket. */
class WireServerSocket implements SocketEvents {
  data: unknown;
  binaryType: "nodebuffer" | "arraybuffer" | "uint8array" = "nodebuffer";
  readonly remoteAddress: string;
  readonly #session: SocketSession;
  readonly #shared: Shared;
  /** Made with the first of them: most subscribe to none. */
  #own: Set<string> | undefined;
  #readyState: 1 | 2 | 3 = 1;

  constructor(
    session: SocketSession,
    shared: Shared,
    { data, address }: { readonly data: unknown; readonly address: string },
  ) {
    this.#session = session;
    this.#shared = shared;
    this.data = data;
    this.remoteAddress = address;
  }

  get readyState(): 1 | 2 | 3 {
    return this.#readyState;
  }

  get subscriptions(): string[] {
    return [...this.#own ?? []];
  }

  /** Gives the bytes, -1 where they wait for the client, and 0 where they are not sent. */
  send(data: Data): number {
    if (this.#readyState !== 1) return 0;
    const { backpressureLimit, closeOnBackpressureLimit } =
      this.#shared.handlers;
    const limit = (backpressureLimit as number | undefined) ??
      BACKPRESSURE_LIMIT;
    if (this.#session.pending > limit) {
      if (closeOnBackpressureLimit === true) this.terminate();
      return 0;
    }
    this.#session.send(typeof data === "string" ? data : bytesOf(data));
    return this.#session.pending > 0 ? -1 : sizeOf(data);
  }

  sendText(text: string): number {
    return this.send(text);
  }

  sendBinary(data: Exclude<Data, string>): number {
    return this.send(data);
  }

  publish(topic: string, data: Data): number {
    const { topics, handlers } = this.#shared;
    const self = handlers.publishToSelf === true ? undefined : this;
    return topics.publish(topic, data, self);
  }

  publishText(topic: string, text: string): number {
    return this.publish(topic, text);
  }

  publishBinary(topic: string, data: Exclude<Data, string>): number {
    return this.publish(topic, data);
  }

  subscribe(topic: string): boolean {
    if (this.#readyState === 3) return false;
    (this.#own ??= new Set()).add(topic);
    this.#shared.topics.add(topic, this);
    return true;
  }

  unsubscribe(topic: string): boolean {
    this.#shared.topics.delete(topic, this);
    return this.#own?.delete(topic) ?? false;
  }

  isSubscribed(topic: string): boolean {
    return this.#own?.has(topic) ?? false;
  }

  cork<T>(run: (socket: this) => T): T {
    let result: T | undefined;
    this.#session.cork(() => result = run(this));
    return result as T;
  }

  getBufferedAmount(): number {
    return this.#session.pending;
  }

  ping(data: Data = ""): number {
    const bytes = typeof data === "string" ? Buffer.from(data) : bytesOf(data);
    this.#session.ping(bytes);
    return bytes.length;
  }

  pong(data: Data = ""): number {
    const bytes = typeof data === "string" ? Buffer.from(data) : bytesOf(data);
    this.#session.pong(bytes);
    return bytes.length;
  }

  close(code: number = 1000, reason: string = ""): void {
    if (this.#readyState !== 1) return;
    this.#readyState = 2;
    this.#session.close(code, reason);
  }

  terminate(): void {
    this.#session.cut();
  }

  onOpen(): void {
    this.#shared.pending++;
    this.#call("open");
  }

  onText(text: string): void {
    this.#call("message", text);
  }

  onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.#call("message", this.#asAsked(bytes));
  }

  onPing(bytes: Uint8Array<ArrayBuffer>): void {
    this.#call("ping", this.#asAsked(bytes));
  }

  onPong(bytes: Uint8Array<ArrayBuffer>): void {
    this.#call("pong", this.#asAsked(bytes));
  }

  onDrain(): void {
    this.#call("drain");
  }

  onClose(code: number, reason: string): void {
    this.#readyState = 3;
    this.#shared.pending--;
    this.#call("close", code, reason);
    for (const topic of this.#own ?? []) {
      this.#shared.topics.delete(topic, this);
    }
  }

  #asAsked(bytes: Uint8Array<ArrayBuffer>): unknown {
    const { buffer, byteOffset, byteLength } = bytes;
    switch (this.binaryType) {
      case "nodebuffer":
        return Buffer.from(buffer, byteOffset, byteLength);
      case "arraybuffer":
        return byteLength === buffer.byteLength ? buffer : bytes.slice().buffer;
      default:
        return bytes;
    }
  }

  /** What a handler throws is an uncaught error, and harms no frame that follows. */
  #call(name: string, ...args: unknown[]): void {
    const handler = this.#shared.handlers[name] as Handler | undefined;
    try {
      handler?.call(this.#shared.handlers, this, ...args);
    } catch (error) {
      microtask(() => {
        throw error;
      });
    }
  }
}

/** The part of Bun's server that has to do with WebSockets. */
export interface WireSockets {
  readonly pendingWebSockets: number;
  upgrade(
    request: Request,
    options?: { readonly data?: unknown; readonly headers?: HeadersInit },
  ): boolean;
  publish(topic: string, data: Data): number;
  subscriberCount(topic: string): number;
}

/** What it is made of. */
export interface WireSocketsOptions
  extends Pick<TransportOptions, "channelOf" | "upgrade"> {
  readonly handlers: BunHandlers;
  /** Called with a request that has become one. */
  onUpgrade(request: object): void;
}

export function createWireSockets(
  { handlers, channelOf, upgrade, onUpgrade }: WireSocketsOptions,
): WireSockets {
  const shared: Shared = { handlers, topics: new Topics(), pending: 0 };
  const { sendPings, maxPayloadLength, idleTimeout } = handlers;
  const seconds = (idleTimeout as number | undefined) ?? IDLE_TIMEOUT;
  return {
    get pendingWebSockets() {
      return shared.pending;
    },
    upgrade(request, { data, headers } = {}) {
      const peer = channelOf(request)?.peer();
      const address = peer?.kind === "tcp" ? peer.address : "";
      // As Bun: the first that was offered, where the app names none.
      const [offered = ""] =
        (request.headers.get("sec-websocket-protocol") ?? "").split(",");
      const named = new Headers(headers).get("sec-websocket-protocol");
      const protocol = named ?? offered.trim();
      const answer: SocketAnswer = {
        headers: headers,
        most: maxPayloadLength as number | undefined,
        pingMs: sendPings === false ? 0 : seconds * 1000 / 3,
        atOnce: true,
        events: (session) =>
          new WireServerSocket(session, shared, { data, address }),
        ...(protocol !== "" && { protocol }),
      };
      if (upgrade?.(request, answer) === undefined) return false;
      onUpgrade(request);
      return true;
    },
    publish: (topic, data) => shared.topics.publish(topic, data),
    subscriberCount: (topic) => shared.topics.of(topic).size,
  };
}
