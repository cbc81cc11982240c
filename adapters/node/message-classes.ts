/** Messages of `node:http` over an exchange of the wire engine. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { RESPONSE_WRITERS } from "../../src/base/http/response-writers.ts";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import { microtask } from "../../src/base/promise.ts";

/** What corn tells the app by it. */
export interface Incoming extends IncomingMessage {
  /** What Node says when the client is gone. */
  leave(reason: Error): void;
}

export interface Outgoing extends ServerResponse {
  /** It is out, or never will be. */
  leave(): void;
}

interface MessageClasses {
  readonly Incoming: new (
    socket: Socket,
    exchange: ExchangeHandle,
  ) => Incoming;
  readonly Outgoing: new (
    incoming: IncomingMessage,
    exchange: ExchangeHandle,
  ) => Outgoing;
}

let classes: MessageClasses | undefined;

/** Made when they are first asked for: most apps look at no message, and need no `node:http` for it. */
export function loadClasses(): MessageClasses {
  return classes ??= makeClasses();
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

function makeClasses(): MessageClasses {
  const http = process.getBuiltinModule("node:http");

  class NodeIncoming extends http.IncomingMessage implements Incoming {
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

    leave(reason: Error): void {
      if (this.destroyed) return;
      this.aborted = true;
      this.emit("aborted");
      const error = new Error("aborted", { cause: reason });
      this.destroy(Object.assign(error, { code: "ECONNRESET" }));
    }
  }

  class NodeOutgoing extends http.ServerResponse implements Outgoing {
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
      if (callback !== undefined) microtask(callback);
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

  return { Incoming: NodeIncoming, Outgoing: NodeOutgoing };
}

function refuse(name: string): never {
  throw new Error(
    `Cannot call outgoing.${name}(): the wire engine sends the Response that the app returns, give --http native`,
  );
}
