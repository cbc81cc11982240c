/** A client of a WebSocket that keeps what it was told. */
import { until, within } from "../wait.ts";

/** How one ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class SocketClient {
  readonly socket: WebSocket;
  /** How it ended. */
  readonly closed: Promise<Closed>;
  /** When it did, by performance.now(). */
  closedAt: number | undefined;
  readonly #messages: unknown[] = [];

  private constructor(url: string, protocols?: string[]) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), protocols ?? []);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.#messages.push(data);
    // "close" follows.
    this.socket.onerror = () => {};
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => {
        this.closedAt = performance.now();
        resolve({ code, reason });
      };
    });
  }

  /** Opens one. @throws where it does not open within 15 s */
  static async open(url: string, protocols?: string[]): Promise<SocketClient> {
    const client = new SocketClient(url, protocols);
    const { socket } = client;
    const opened = new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      void client.closed.then(({ code }) =>
        reject(new Error(`No WebSocket at ${url}: ${code}`))
      );
    });
    await within(`a WebSocket at ${url}`, opened);
    return client;
  }

  /** Opens one that is to be refused; gives how it ended. */
  static refused(url: string): Promise<Closed> {
    return within(
      `the refusal of ${url}`,
      new SocketClient(url).closed,
    );
  }

  /** Takes the next message. */
  async next(): Promise<unknown> {
    await until("a message", () => this.#messages.length > 0);
    return this.#messages.shift();
  }

  /** Sends a message and takes the next that comes. */
  ask(message: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
    this.socket.send(message);
    return this.next();
  }

  /** How it ended, within a deadline. */
  ending(ms = 30_000): Promise<Closed> {
    return within("the end of a WebSocket", this.closed, ms);
  }
}
