/** As much of http.ServerResponse as the gateway sees. */
import { EventEmitter } from "node:events";

export class FakeOutgoing extends EventEmitter {
  statusCode = 200;
  statusMessage = "";
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  readonly headers = new Map<string, string>();
  body = "";
  readonly #closes: boolean;

  /** `closes` is true where it is out, and closed, as soon as it has ended. */
  constructor({ closes = false }: { closes?: boolean } = {}) {
    super();
    this.#closes = closes;
  }

  setHeader(name: string, value: string): void {
    if (this.headersSent) throw new Error("sent");
    this.headers.set(name, value);
  }
  getHeaderNames(): string[] {
    return [...this.headers.keys()];
  }
  removeHeader(name: string): void {
    this.headers.delete(name);
  }
  writeHead(status: number): void {
    this.statusCode = status;
    this.headersSent = true;
  }
  write(text: string): boolean {
    if (this.writableEnded) throw new Error("ended");
    this.headersSent = true;
    this.body += text;
    return true;
  }
  end(text = ""): void {
    this.write(text);
    this.writableEnded = true;
    if (!this.#closes) return;
    this.emit("finish");
    this.emit("close");
  }
  destroy(): void {
    this.destroyed = true;
    if (this.#closes) this.emit("close");
  }
}
