/** Servers that the app makes with `Deno.serve`, or with `node:` modules on Deno. */
import type {
  Address,
  ListenEvents,
  ListeningServer,
  ServerApp,
} from "../../src/runtime/runtime.ts";
import { watchCall } from "../shared/servers/connection-listener.ts";
import type { ListenerOptions } from "../shared/servers/connection-listener.ts";
import { watchHttpServers } from "../shared/servers/node-servers.ts";
import { makeOwnBy, own } from "./answers.ts";
import { isThenable, microtask } from "../../src/base/promise.ts";
import { withOnError } from "../../src/base/http/on-error.ts";

type Options = Record<string, unknown>;
type Handler = (request: Request, info: unknown) => unknown;
type Serve = (...args: unknown[]) => unknown;

/** Deno's default. */
const PORT = 8000;

/** As `Deno.serve` reads its arguments. */
function readArguments(
  [first, second]: readonly unknown[],
): { readonly options: Options; readonly handler: Handler } | undefined {
  if (typeof first === "function") {
    return { options: {}, handler: first as Handler };
  }
  const options = (first ?? {}) as Options;
  const handler = typeof second === "function" ? second : options.handler;
  return typeof handler === "function"
    ? { options, handler: handler as Handler }
    : undefined;
}

/** As a Deno server says it. */
function addrOf(address: Address): Options {
  return address.kind === "unix"
    ? { transport: "unix", path: address.path }
    : { transport: "tcp", hostname: address.host, port: address.port };
}

/** The part of what `Deno.serve` returns that ends it. */
interface DenoServer {
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

/** Stands in for what `Deno.serve` returns. */
class HeldDenoServer implements ListeningServer {
  readonly port: number | undefined;
  readonly asked: string;
  readonly secure: boolean;
  readonly app: ServerApp;
  /** What the app has. */
  readonly shown: Record<string | symbol, unknown>;
  readonly #options: Options;
  readonly #addr: Options;
  readonly #release: () => unknown;
  /** The one that listens after all. */
  #released: DenoServer | undefined;
  #end: () => void = () => {};

  constructor(
    { options, handler }: { options: Options; handler: Handler },
    { address, onClose, release }: Pick<ListenEvents, "address" | "onClose"> & {
      release: () => unknown;
    },
  ) {
    const { path, port = PORT, onError } = options;
    this.port = typeof path === "string" ? undefined : Number(port);
    this.asked = typeof path === "string" ? path : `port ${port}`;
    this.secure = options.cert !== undefined;
    this.#options = options;
    this.#release = release;
    const call = withOnError(handler, onError);
    const addr = addrOf(address);
    this.#addr = addr;
    const finished = new Promise<void>((resolve) => this.#end = resolve);
    const shutdown = () => {
      if (this.#released !== undefined) return this.#released.shutdown();
      onClose(this);
      return finished;
    };
    this.shown = {
      addr,
      finished,
      ref() {},
      unref() {},
      shutdown,
      [Symbol.asyncDispose]: shutdown,
    };
    this.app = { style: "fetch", server: this.shown, options, call };
  }

  /** Keeps it from listening, until its signal ends it. */
  hold(): void {
    const { signal } = this.#options;
    if (!(signal instanceof AbortSignal)) return;
    const { shutdown } = this.shown as unknown as DenoServer;
    const heed = () => {
      // One that listens after all hears of it by itself.
      if (this.#released === undefined) void shutdown();
    };
    if (signal.aborted) microtask(heed);
    else signal.addEventListener("abort", heed);
  }

  serve(): void {
    const { onListen } = this.#options;
    if (typeof onListen === "function") onListen(this.#addr);
  }

  release(): void {
    const server = this.#released = this.#release() as DenoServer;
    void server.finished.then(() => this.#end());
  }

  end(): void {
    this.#end();
  }
}

const { Deno } = globalThis as unknown as {
  Deno:
    & { serve: Serve }
    & Record<
      "listen" | "listenTls",
      (options: ListenerOptions) => unknown
    >;
};

/** As it is before the app's use of it is watched. */
export const plainServe: Serve = Deno.serve;

/**
 * An app's own servers are given Deno's own responses from now on. What only
 * looks like one takes the way of those that are sent whole, which corrupts the
 * process' memory (2.9.5, DENO-SERVE-FOREIGN).
 */
export function answerBy(make: <T>(answer: T) => T | Response): void {
  makeOwnBy(make);
  if (Deno.serve === plainServe) Deno.serve = serveOwn;
}

function withOwn(call: Handler): Handler {
  // Deno makes no request for a handler that has no parameters.
  return (request, info) => {
    const answer = call(request, info);
    return isThenable(answer) ? answer.then(own) : own(answer);
  };
}

/** `Deno.serve` as the app calls it. */
function serveOwn(...args: unknown[]): unknown {
  const read = readArguments(args);
  if (read === undefined) return plainServe(...args);
  const { onError } = read.options;
  const options = {
    ...read.options,
    ...(typeof onError === "function" && {
      onError: withOwn(onError as Handler),
    }),
  };
  return plainServe(options, withOwn(read.handler));
}

export function watchServers(events: ListenEvents): void {
  watchHttpServers(events);
  for (const name of ["listen", "listenTls"] as const) {
    Deno[name] = watchCall(`Deno.${name}`, Deno[name], events);
  }
  Deno.serve = (...args) => {
    const release = () => serveOwn(...args);
    const read = readArguments(args);
    // What Deno refuses, it says best itself.
    if (read === undefined) return release();
    const held = new HeldDenoServer(read, { ...events, release });
    const verdict = events.onListen(held);
    if (verdict === "hold") {
      held.hold();
      return held.shown;
    }
    if (verdict === "let") return release();
    throw verdict;
  };
}
