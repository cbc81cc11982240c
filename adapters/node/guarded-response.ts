/** The answer of Node's engine, where what the app gave cannot be written. */
import type { IncomingMessage } from "node:http";
import process from "node:process";
import { microtask } from "../../src/base/promise.ts";

// Not imported, see NODE-HTTP-LOADS-FETCH.
const { ServerResponse } = process.getBuiltinModule("node:http");

/** Calls that a bridge still makes when its answer was replaced. */
const LATE = ["writeHead", "flushHeaders", "end", "addTrailers"] as const;

/**
 * A ServerResponse that answers 500 in place of a head that Node does not
 * write, such as one with a character that no header may have. The bridge finds
 * that out too late for any other answer: an app that answers at once
 * is called in a promise that is never awaited (@hono/node-server 2.1.8,
 * NODE-BRIDGE-LATE-HEAD).
 */
export class GuardedResponse extends ServerResponse<IncomingMessage> {
  /** Is told why. */
  onFailure: ((outgoing: GuardedResponse, error: unknown) => void) | undefined;
  /** True while a text waits that may be the bridge's. */
  #held = false;

  override writeHead(...args: unknown[]): this {
    try {
      return super.writeHead(...(args as [number]));
    } catch (error) {
      if (this.onFailure === undefined || this.headersSent) throw error;
      this.refuse(error);
      return this;
    }
  }

  /** Nothing is written to a client that left, and no length is missed then. */
  override end(...args: unknown[]): this {
    if (this.#left) this.strictContentLength = false;
    const [text] = args;
    if (typeof text === "string" && text.startsWith("Error: ")) {
      return this.#hold(args);
    }
    return super.end(...(args as []));
  }

  /**
   * What the bridge catches itself it tells the client, and destroys the answer
   * then (@hono/node-server 2.1.8, NODE-BRIDGE-ERROR-TEXT). An app's own text
   * is not followed by that.
   */
  #hold(args: readonly unknown[]): this {
    if (this.onFailure === undefined || this.#held) {
      return super.end(...(args as []));
    }
    this.#held = true;
    microtask(() => {
      if (!this.#held) return;
      this.#held = false;
      super.end(...(args as []));
    });
    return this;
  }

  override destroy(error?: Error): this {
    if (!this.#held) return super.destroy(error);
    this.#held = false;
    this.refuse(error);
    return this;
  }

  get #left(): boolean {
    return this.destroyed || this.req.socket.destroyed;
  }

  /** Answers 500, and ignores what comes for the answer that it replaces; cuts what has begun. */
  refuse(error: unknown): void {
    if (this.#left) return;
    this.onFailure?.(this, error);
    if (this.writableEnded) return;
    // A head that was made waits for the body's first part.
    const made = this as { _header?: string | null; _headerSent?: boolean };
    if (made._headerSent) return void this.destroy();
    made._header = null;
    for (const name of this.getHeaderNames()) this.removeHeader(name);
    // The bridge tells Node the length of the body so.
    (this as { _contentLength?: number | null })._contentLength = null;
    const text = "Internal Server Error\n";
    super.writeHead(500, "Internal Server Error", {
      "content-type": "text/plain; charset=utf-8",
      "content-length": text.length,
    });
    super.end(text);
    for (const name of LATE) {
      Object.defineProperty(this, name, { value: () => this });
    }
    // A stream waits for a "drain" then, and is cancelled at "close".
    Object.defineProperty(this, "write", { value: () => false });
  }
}
