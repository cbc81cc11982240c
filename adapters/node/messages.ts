/** What `node:http` would hand to an app beside a request of the wire engine; made when it is touched. */
import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Peer } from "../../src/runtime/runtime.ts";
import { RESPONSE_WRITERS } from "../../src/base/response-writers.ts";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import { clientKey, peerOfSocket } from "../shared/peer.ts";
import type { ClientEnv } from "../shared/peer.ts";

/** The `env` of an app on Node, as `@hono/node-server` has it (NODE-ENV-MESSAGES). */
export class Messages implements ClientEnv {
  readonly #socket: Socket;
  readonly #exchange: ExchangeHandle;
  #incoming: Incoming | undefined;
  #outgoing: Outgoing | undefined;

  constructor(socket: Socket, exchange: ExchangeHandle) {
    this.#socket = socket;
    this.#exchange = exchange;
  }

  get incoming(): IncomingMessage {
    if (this.#incoming === undefined) {
      this.#incoming = new Incoming(this.#socket, this.#exchange);
      // Handlers of the app run after the connection is done with its own.
      this.#exchange.watcher = {
        onLeft: (reason) => queueMicrotask(() => this.#leave(reason)),
        onOver: () => queueMicrotask(() => this.#end()),
      };
    }
    return this.#incoming;
  }

  /** Without a message made for it. */
  [clientKey](): Peer | undefined {
    return peerOfSocket(this.#socket);
  }

  get outgoing(): ServerResponse {
    return this.#outgoing ??= new Outgoing(this.incoming, this.#exchange);
  }

  #leave(reason: Error): void {
    this.#incoming?.leave(reason);
    this.#outgoing?.leave();
  }

  #end(): void {
    this.#incoming?.destroy();
    if (this.#exchange.whole) this.#outgoing?.emit("finish");
    this.#outgoing?.leave();
  }
}

/** The function of Node that fills `headers` and its kin, by its rules for fields that come twice. */
interface Filled {
  _addHeaderLines(fields: readonly string[], count: number): void;
}

type Body = ReadableStreamDefaultReader<Uint8Array>;

const OWN = { configurable: true, writable: true };

/** Answers for properties that Node's own code sets as it goes along. */
function answers<T extends object>(
  prototype: T,
  getters: Readonly<Record<string, (message: T) => unknown>>,
): void {
  for (const [name, getter] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: T) {
        return getter(this);
      },
      set() {},
    });
  }
}

class Incoming extends IncomingMessage {
  readonly #exchange: ExchangeHandle;
  #body: Body | undefined;
  /** True once it has the head's. */
  #filled = false;

  constructor(socket: Socket, exchange: ExchangeHandle) {
    super(socket);
    this.#exchange = exchange;
    const { method, rawTarget, minor } = exchange.head;
    this.method = method;
    this.url = rawTarget;
    this.httpVersionMajor = 1;
    this.httpVersionMinor = minor;
    this.httpVersion = `1.${minor}`;
    const fields = exchange.head.rawFields();
    (this as unknown as Filled)._addHeaderLines(fields, fields.length);
    this.#filled = true;
  }

  static {
    answers(this.prototype, {
      complete: (incoming) => incoming.#filled && incoming.#exchange.received,
    });
  }

  /** Reads the request's body, which can be read by nothing else then. */
  override _read(): void {
    this.#body ??= this.#exchange.request.body?.getReader();
    if (this.#body === undefined) return void this.push(null);
    this.#body.read().then(
      async ({ done, value }) => {
        if (done) this.#fill(await this.#exchange.trailers());
        this.push(done ? null : value);
      },
    ).catch((error) => this.destroy(error));
  }

  /** Fields of a complete message are taken for its trailers. */
  #fill(trailers: Headers): void {
    const fields = [...trailers].flat();
    (this as unknown as Filled)._addHeaderLines(fields, fields.length);
  }

  /** As Node's own does it, but the connection, which goes on to serve, ends only where the app means it. */
  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    if (!this.#exchange.over && !this.readableEnded && !this.aborted) {
      this.socket.destroy();
    }
    callback(this.listenerCount("error") > 0 ? error : null);
  }

  /** What Node says when the client is gone. */
  leave(reason: Error): void {
    if (this.destroyed) return;
    this.aborted = true;
    this.emit("aborted");
    const error = new Error("aborted", { cause: reason });
    this.destroy(Object.assign(error, { code: "ECONNRESET" }));
  }
}

class Outgoing extends ServerResponse {
  readonly #exchange: ExchangeHandle;

  constructor(incoming: IncomingMessage, exchange: ExchangeHandle) {
    super(incoming);
    this.#exchange = exchange;
    Object.assign(this, { socket: incoming.socket });
    this.on("pipe", (source) => {
      source.unpipe(this);
      refuse("pipe");
    });
  }

  /** It is out, or never will be. */
  leave(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }

  /** Sends 103; nothing where the response has begun. */
  override writeEarlyHints(
    hints: Readonly<Record<string, string | string[]>>,
    callback?: () => void,
  ): void {
    this.#exchange.earlyHints(
      Object.entries(hints).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, one])
      ),
    );
    if (callback !== undefined) queueMicrotask(callback);
  }

  static {
    answers(this.prototype, {
      headersSent: (outgoing) => outgoing.#exchange.status !== undefined,
      statusCode: (outgoing) => outgoing.#exchange.status ?? 200,
      writableEnded: (outgoing) => outgoing.#exchange.over,
      writableFinished: (outgoing) => outgoing.#exchange.whole,
    });
    for (const name of RESPONSE_WRITERS) {
      const value = () => refuse(name);
      Object.defineProperty(this.prototype, name, { ...OWN, value });
    }
  }
}

function refuse(name: string): never {
  throw new Error(
    `Cannot call outgoing.${name}(): the wire engine sends the Response that the app returns, give --http native`,
  );
}
