/** Servers that the app makes with `Bun.serve`, or with `node:` modules on Bun. */
import process from "node:process";
import type {
  Address,
  ListenEvents,
  ListeningServer,
  ServerApp,
} from "../../src/runtime/runtime.ts";
import { watchCall } from "../shared/servers/connection-listener.ts";
import type { ListenerOptions } from "../shared/servers/connection-listener.ts";
import { isLetting, watchHttpServers } from "../shared/servers/node-servers.ts";
import { withOnError } from "../../src/base/http/on-error.ts";
import { withRoutes } from "./routes.ts";

type Options = Record<string, unknown>;
type Serve = (options: Options) => unknown;
type Fetch = (request: Request, server: unknown) => unknown;
type Stop = (force?: boolean) => Promise<void>;
type Reload = (options: Options) => unknown;

/** What of a server of Bun's is asked of the one that serves, with what it gives while there is none. */
const DELEGATED: Readonly<Record<string, unknown>> = {
  upgrade: false,
  publish: 0,
  requestIP: null,
  subscriberCount: 0,
  timeout: undefined,
};

/** What answers, by all that Bun lets an app answer by. @throws TypeError for a route that cannot be served */
function handlerOf({ routes, fetch, error }: Options): Fetch {
  if (typeof routes !== "object" || routes === null) {
    return withOnError(fetch as Fetch, error);
  }
  const all = routes as Readonly<Record<string, unknown>>;
  return withOnError(withRoutes(all, fetch as Fetch | undefined), error);
}

/** True for what Bun speaks TLS with: an option without a key is passed by some, and is none. */
function hasKey(tls: unknown): boolean {
  return [tls].flat().some((one) =>
    (one as { readonly key?: unknown } | null | undefined)?.key != null
  );
}

/** Stands in for what `Bun.serve` returns; the app calls it as that. */
class HeldBunServer implements ListeningServer {
  readonly port: number | undefined;
  readonly asked: string;
  readonly secure: boolean;
  readonly app: ServerApp;
  /** What the app has. */
  readonly shown: Record<string | symbol, unknown>;
  readonly #release: () => unknown;
  #options: Options;
  #handler: Fetch | undefined;
  /** The server that serves; the first, where there are several. */
  #live: Record<string, unknown> | undefined;
  /** Which one a request came by, if it is another. */
  readonly #others = new WeakMap<object, Record<string, unknown>>();
  /** The one that listens after all. */
  #released: Record<string, unknown> | undefined;
  readonly #closed: Promise<void>;
  #end: () => void = () => {};

  constructor(
    options: Options,
    { address, onClose, release }: Pick<ListenEvents, "address" | "onClose"> & {
      release: () => unknown;
    },
  ) {
    this.#options = options;
    this.#release = release;
    const { unix } = options;
    const port = Number(
      options.port ?? process.env.BUN_PORT ??
        process.env.PORT ?? process.env.NODE_PORT ?? 3000,
    );
    this.port = typeof unix === "string" ? undefined : port;
    this.asked = typeof unix === "string" ? unix : `port ${port}`;
    this.secure = hasKey(options.tls);
    this.#closed = new Promise((resolve) => this.#end = resolve);
    this.shown = this.#show(address, (force) => {
      const stop = this.#released?.stop as Stop | undefined;
      if (stop !== undefined) return stop.call(this.#released, force);
      onClose(this);
      return this.#closed;
    });
    this.app = {
      style: "fetch",
      server: this.shown,
      options,
      call: (request, env) => this.#call(request, env),
    };
  }

  #call(request: Request, env: unknown): unknown {
    const live = env as Record<string, unknown>;
    this.#live ??= live;
    if (live !== this.#live) this.#others.set(request, live);
    const handler = this.#handler ?? this.hold();
    return handler.call(this.shown, request, env);
  }

  #show(address: Address, stop: Stop): typeof this.shown {
    const tcp = address.kind === "tcp";
    const host = tcp ? address.host : undefined;
    const url = tcp
      ? `http://${host?.includes(":") ? `[${host}]` : host}:${address.port}/`
      : `unix://${address.path}`;
    const liveOf = (request: unknown) =>
      this.#released ?? this.#others.get(request as object) ?? this.#live;
    const count = (name: string) => Number(liveOf(undefined)?.[name] ?? 0);
    const shown: typeof this.shown = {
      port: tcp ? address.port : undefined,
      hostname: host,
      url: new URL(url),
      address: tcp
        ? {
          address: host,
          family: host?.includes(":") ? "IPv6" : "IPv4",
          port: address.port,
        }
        : address.path,
      development: false,
      id: this.#options.id ?? "",
      get pendingRequests() {
        return count("pendingRequests");
      },
      get pendingWebSockets() {
        return count("pendingWebSockets");
      },
      fetch: (request: Request | string) =>
        this.#call(new Request(request), this.#live ?? shown),
      reload: ({ fetch = this.#options.fetch, ...more }: Options) => {
        if (fetch !== undefined && typeof fetch !== "function") {
          throw new TypeError("Expected fetch() to be a function");
        }
        const changed = { ...more, fetch };
        const again = this.#released?.reload as Reload | undefined;
        if (again !== undefined) again.call(this.#released, changed);
        // What cannot be served changes nothing.
        this.#handler = handlerOf({ ...this.#options, ...changed });
        Object.assign(this.#options, changed);
        return shown;
      },
      ref: () => shown,
      unref: () => shown,
      stop,
      [Symbol.dispose]: () => stop(true),
      [Symbol.asyncDispose]: () => stop(true),
    };
    for (const [name, without] of Object.entries(DELEGATED)) {
      shown[name] = (first: unknown, ...rest: unknown[]) => {
        const live = liveOf(first);
        const call = live?.[name];
        return typeof call === "function"
          ? call.call(live, first, ...rest)
          : without;
      };
    }
    return shown;
  }

  /** Reads what is to answer. @throws TypeError for a route that cannot be served */
  hold(): Fetch {
    this.#handler = handlerOf(this.#options);
    return this.#handler;
  }

  serve(): void {}

  release(): void {
    this.#released = this.#release() as Record<string, unknown>;
  }

  end(): void {
    this.#end();
  }
}

type Listen = (options: ListenerOptions) => unknown;

const { Bun } = globalThis as unknown as {
  Bun: { serve: Serve; listen: Listen };
};

/** As it is before the app's use of it is watched. */
export const plainServe: Serve = Bun.serve;
export const plainListen: Listen = Bun.listen;

export function watchServers(events: ListenEvents): void {
  watchHttpServers(events);
  const listen = watchCall("Bun.listen", plainListen, events);
  // Bun's node:net listens by it (1.4.5, BUN-HTTP-BY-SERVE).
  Bun.listen = (options) =>
    isLetting() ? plainListen(options) : listen(options);
  Bun.serve = (options) => {
    // Bun's node:http listens by it (1.4.5, BUN-HTTP-BY-SERVE).
    if (isLetting()) return plainServe(options);
    // What Bun refuses, it says best itself.
    if (!options?.fetch && !options?.routes) return plainServe(options);
    const release = () => plainServe(options);
    const held = new HeldBunServer({ ...options }, { ...events, release });
    const verdict = events.onListen(held);
    if (verdict === "hold") {
      held.hold();
      return held.shown;
    }
    if (verdict === "let") return release();
    throw verdict;
  };
}
