/** A WebSocket of the wire engine as Deno.upgradeWebSocket() gives it to apps. */
import type { SocketEvents, SocketSession } from "../../src/runtime/runtime.ts";

/** What a message may be. */
type Data = string | ArrayBufferLike | ArrayBufferView | Blob;

/** Bytes of a close frame's reason (RFC 6455 section 5.5). */
const MAX_REASON = 123;

const EVENTS = ["open", "message", "error", "close"] as const;

type Listener = ((event: Event) => unknown) | null;

export class WireSocket extends EventTarget implements SocketEvents {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly extensions = "";
  readonly protocol: string;
  readonly url = "";
  /** As Deno has it for a server's; a client's is `blob`. */
  binaryType: "blob" | "arraybuffer" = "arraybuffer";
  declare onopen: Listener;
  declare onmessage: Listener;
  declare onerror: Listener;
  declare onclose: Listener;
  readonly #session: SocketSession;
  readonly #handlers = new Map<string, Listener>();
  #readyState: 0 | 1 | 2 | 3 = 0;
  /** Given before it was open. */
  #closing: [code: number | undefined, reason: string] | undefined;
  /** The end of what waits for a Blob to be read. */
  #before: Promise<void> | undefined;

  static {
    for (const name of EVENTS) {
      Object.defineProperty(this.prototype, `on${name}`, {
        configurable: true,
        enumerable: true,
        get(this: WireSocket) {
          return this.#handlers.get(name) ?? null;
        },
        set(this: WireSocket, listener: Listener) {
          this.#setHandler(name, listener);
        },
      });
    }
  }

  constructor(session: SocketSession, protocol: string) {
    super();
    this.#session = session;
    this.protocol = protocol;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#session.pending;
  }

  send(data: Data): void {
    if (this.#readyState === 0) {
      throw new DOMException("readyState not OPEN", "InvalidStateError");
    }
    if (this.#readyState !== 1) return;
    if (data instanceof Blob) return this.#sendBlob(data);
    const message = typeof data === "string"
      ? data
      : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : data instanceof ArrayBuffer || data instanceof SharedArrayBuffer
      ? new Uint8Array(data)
      : String(data);
    if (this.#before === undefined) return this.#session.send(message);
    // The app may use its memory again.
    const copy = typeof message === "string" ? message : message.slice();
    this.#after(() => this.#session.send(copy));
  }

  /** @throws DOMException for a reason that no close frame has room for */
  close(code?: number, reason: string = ""): void {
    if (new TextEncoder().encode(reason).length > MAX_REASON) {
      throw new DOMException(
        `The close reason may not be longer than ${MAX_REASON} bytes`,
        "SyntaxError",
      );
    }
    if (this.#readyState >= 2) return;
    if (this.#readyState === 0) {
      this.#readyState = 2;
      this.#closing = [code, reason];
      return;
    }
    this.#readyState = 2;
    if (this.#before === undefined) return this.#session.close(code, reason);
    this.#after(() => this.#session.close(code, reason));
  }

  onOpen(): void {
    if (this.#closing !== undefined) {
      return this.#session.close(...this.#closing);
    }
    this.#readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  onText(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    const { buffer, byteLength } = bytes;
    const whole = () =>
      buffer.byteLength === byteLength ? buffer : bytes.slice().buffer;
    const data = this.binaryType === "blob" ? new Blob([bytes]) : whole();
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  onClose(code: number, reason: string): void {
    this.#readyState = 3;
    const wasClean = code !== 1006;
    if (!wasClean) this.dispatchEvent(new ErrorEvent("error"));
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }

  #setHandler(name: string, listener: Listener): void {
    const before = this.#handlers.get(name);
    if (before) this.removeEventListener(name, before);
    const set = typeof listener === "function" ? listener : null;
    this.#handlers.set(name, set);
    if (set) this.addEventListener(name, set);
  }

  #sendBlob(blob: Blob): void {
    const read = blob.arrayBuffer();
    this.#after(async () => this.#session.send(new Uint8Array(await read)));
  }

  /** Does something after what waits. */
  #after(run: () => void | Promise<void>): void {
    const next = (this.#before ?? Promise.resolve()).then(run).finally(() => {
      if (this.#before === next) this.#before = undefined;
    });
    this.#before = next;
  }
}

// For apps that ask `instanceof WebSocket`.
Object.setPrototypeOf(WireSocket.prototype, WebSocket.prototype);
