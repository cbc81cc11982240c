/** A raw HTTP client that never retries. */
import { connect, type Socket } from "node:net";
import { within } from "../wait.ts";

/** Where a raw client connects. */
export type Target = { host: string; port: number } | { path: string };

/** A URL's host and port. */
export function targetOf(url: string): Target {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Ends a connection by a reset; one whose end is on its way Node cannot reset (NODE-RESET-ENDING). */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/** One whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** The body as text. */
  readonly text: string;
  /** The lines after a body in chunks. */
  readonly trailers: readonly string[];
  /** True when the server said that it closes. */
  readonly closes: boolean;
}

/** What to ask for beyond a path. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly version?: "1.0" | "1.1";
  readonly ms?: number;
  /** True where the answer may be 101, after which comes another protocol. */
  readonly upgraded?: boolean;
}

const empty = new Uint8Array();

/**
 * One connection that stays open. A request on it fails unless a whole,
 * well-framed answer comes back, and is never sent again.
 */
export class RawClient {
  readonly socket: Socket;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #wake: () => void = () => {};
  #error: Error | undefined;
  #eof = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#chunks.push(chunk as Uint8Array);
      this.#size += chunk.length;
      this.#wake();
    });
    socket.on("end", () => {
      this.#eof = true;
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#error = error;
      this.#wake();
    });
    socket.on("close", () => {
      this.#eof = true;
      this.#wake();
    });
  }

  /** Speaks over a connection that is open. */
  static over(socket: Socket): RawClient {
    return new RawClient(socket);
  }

  static async connect(
    target: string | Target,
    ms = 15_000,
  ): Promise<RawClient> {
    const socket = connect(
      typeof target === "string" ? targetOf(target) : target,
    );
    const client = new RawClient(socket);
    const connected = new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("error", reject);
    });
    try {
      await within("a connection", connected, ms);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return client;
  }

  /** True while the server has not closed. */
  get open(): boolean {
    return !this.#eof && this.#error === undefined;
  }

  /** Bytes that came and were not taken yet. */
  get unread(): number {
    return this.#size;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Resolves when the server closes. */
  async closed(ms = 15_000): Promise<void> {
    await within(
      "the end of the connection",
      this.#until(() => !this.open),
      ms,
    );
  }

  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a request and reads its answer. */
  request(path: string, ask: Ask = {}): Promise<Answer> {
    this.send(path, ask);
    return this.answer(ask);
  }

  /** Sends a request. */
  send(path: string, ask: Ask = {}): void {
    const { method = "GET", headers = {}, body, version = "1.1" } = ask;
    const bytes = typeof body === "string"
      ? new TextEncoder().encode(body)
      : body ?? empty;
    const lines = [`${method} ${path} HTTP/${version}`, "Host: test"];
    if (body !== undefined) lines.push(`Content-Length: ${bytes.length}`);
    for (const [name, value] of Object.entries(headers)) {
      lines.push(`${name}: ${value}`);
    }
    this.write(join(encode(`${lines.join("\r\n")}\r\n\r\n`), bytes));
  }

  /** Reads one answer. @throws when it is not whole. */
  async answer(
    { method = "GET", ms = 30_000, upgraded = false }: Ask = {},
  ): Promise<Answer> {
    const what = `an answer to ${method}`;
    const { status, headers } = await within(what, this.#head(), ms);
    const bodiless = method === "HEAD" || status === 204 || status === 304 ||
      (upgraded && status === 101);
    const trailers: string[] = [];
    const body = bodiless
      ? empty
      : await within(`${what}, the body`, this.#body(headers, trailers), ms);
    const closes = headers.get("connection")?.toLowerCase() === "close";
    return { status, headers, body, text: decode(body), trailers, closes };
  }

  /** Takes so many bytes of what is no answer. */
  take(count: number, ms = 30_000): Promise<Uint8Array> {
    return within(`${count} bytes`, this.#take(count), ms);
  }

  async #head(): Promise<Pick<Answer, "status" | "headers">> {
    const lines: string[] = [];
    for (
      let line = await this.#line();
      line !== "";
      line = await this.#line()
    ) {
      lines.push(line);
    }
    const [first = "", ...fields] = lines;
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? NaN);
    if (Number.isNaN(status)) throw new Error(`No status line: ${first}`);
    const headers = new Map(fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [
        field.slice(0, colon).toLowerCase(),
        field.slice(colon + 1).trim(),
      ];
    }));
    return { status, headers };
  }

  async #body(
    headers: Answer["headers"],
    trailers: string[],
  ): Promise<Uint8Array> {
    const length = headers.get("content-length");
    if (length !== undefined) return await this.#take(Number(length));
    if (headers.get("transfer-encoding")?.toLowerCase() !== "chunked") {
      await this.#until(() => this.#eof);
      return await this.#take(this.#size);
    }
    const chunks: Uint8Array[] = [];
    while (true) {
      const size = parseInt(await this.#line(), 16);
      if (Number.isNaN(size)) throw new Error("No chunk size");
      if (size === 0) break;
      chunks.push(await this.#take(size));
      if (await this.#line() !== "") throw new Error("No end of chunk");
    }
    for (
      let line = await this.#line();
      line !== "";
      line = await this.#line()
    ) {
      trailers.push(line);
    }
    return join(...chunks);
  }

  /** The next line, without its end. */
  async #line(): Promise<string> {
    let end = -1;
    await this.#until(() => (end = this.#pending().indexOf(10)) >= 0);
    const line = decode(await this.#take(end + 1));
    if (!line.endsWith("\r\n")) throw new Error(`No line end: ${line}`);
    return line.slice(0, -2);
  }

  async #take(count: number): Promise<Uint8Array> {
    await this.#until(() => this.#size >= count);
    const bytes = this.#pending();
    this.#chunks[0] = bytes.subarray(count);
    this.#size -= count;
    return bytes.subarray(0, count);
  }

  /** What was read and not taken yet, in one piece. */
  #pending(): Uint8Array {
    const [first = empty] = this.#chunks;
    if (this.#chunks.length < 2) return first;
    const all = join(...this.#chunks.splice(0));
    this.#chunks.push(all);
    return all;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#eof) {
        throw new Error(
          `Connection ended early, ${this.#size} bytes of an answer were there`,
        );
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
