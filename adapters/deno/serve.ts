/** Deno's engine: `Deno.serve`. */
import type {
  Engine,
  EngineOptions,
  RequestHandler,
} from "../../src/runtime/runtime.ts";
import { own } from "./answers.ts";
import { plainServe } from "./servers.ts";
import { createNativeEngine } from "../swap/native-engine.ts";
import type { Lose } from "../swap/native-engine.ts";
import type { NativeServer, Where } from "../swap/native-start.ts";
import type { Libc } from "../libc/libc.ts";
import { noteNameless } from "./env.ts";
import { watchDeaf } from "./deaf.ts";
import { withOwnBody } from "./large-bodies.ts";
import { keepSocketsBy } from "./upgrades.ts";
import { createNodeHttpEngine } from "../shared/servers/node-http.ts";

/** The part of Deno's server that corn uses. */
interface DenoServer {
  readonly addr: { readonly port?: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

interface DenoServeOptions {
  hostname?: string;
  port?: number;
  path?: string;
  reusePort?: boolean;
  tcpBacklog?: number;
  signal?: AbortSignal;
  onListen?: () => void;
}

type DenoHandler = (
  request: Request,
  info: unknown,
) => Response | Promise<Response>;

const serve = plainServe as unknown as (
  options: DenoServeOptions,
  handler: DenoHandler,
) => DenoServer;

/** With bodies that may be read at once, whatever is said of their size. */
function withOwnBodies(
  fetch: RequestHandler["fetch"],
): RequestHandler["fetch"] {
  return (request, info) => fetch(withOwnBody(request), info);
}

/** Over a unix socket a URL begins with `http+unix:` (Deno 2.9.5, DENO-UNIX-URL), which no framework expects. */
function overUnix(fetch: RequestHandler["fetch"]): DenoHandler {
  return (request, info) => {
    const url = request.url.replace(/^http\+unix:/, "http:");
    Object.defineProperty(request, "url", { configurable: true, value: url });
    return fetch(request, info);
  };
}

function start(
  { address, reusePort }: Where,
  fetch: RequestHandler["fetch"],
  { backlog, lose }: { readonly backlog: number; readonly lose: Lose },
): NativeServer {
  const cut = new AbortController();
  // Without onListen Deno prints a line of its own.
  const common = { signal: cut.signal, onListen() {} };
  const server = address.kind === "unix"
    ? serve({ ...common, path: address.path }, overUnix(fetch))
    : serve(
      // reusePort needs --unstable-net (Deno 2.9.6, DENO-REUSEPORT), which
      // workers are started with.
      {
        ...common,
        hostname: address.host,
        port: address.port,
        tcpBacklog: backlog,
        reusePort,
      },
      fetch,
    );
  if (server.addr.port !== undefined) noteNameless(server.addr.port);
  let asked = false;
  let finished = false;
  const end = (error?: Error) => {
    finished = true;
    if (!asked) lose("Deno.serve has ended", error);
  };
  // It ends with all it has at a response that it cannot use; its listener
  // alone, for good, where it cannot accept, as with too many open files (Deno
  // 2.9.5, DENO-SERVER-ENDS, DENO-SERVE-DEAF).
  server.finished.then(() => end(), end);
  return {
    address: address.kind === "unix"
      ? address
      : { ...address, port: server.addr.port ?? address.port },
    stop() {
      asked = true;
      return finished ? Promise.resolve() : server.shutdown();
    },
    busy: () => false,
    // Aborting a server that has ended is an uncaught BadResource (Deno 2.9.6,
    // DENO-SERVER-ENDS).
    cut: () => {
      asked = true;
      if (!finished) cut.abort();
    },
  };
}

export function createEngine(
  options: EngineOptions,
  libc: Libc | undefined,
): Promise<Engine> {
  const { handler, backlog, sockets } = options;
  if (sockets !== undefined) keepSocketsBy(sockets.keeper);
  if (handler.style === "node") {
    return Promise.resolve(
      createNodeHttpEngine({
        ...options,
        listener: handler.node,
        feed: false,
        watch: (descriptor, accepting) =>
          libc && watchDeaf(libc, descriptor, accepting),
      }),
    );
  }
  return Promise.resolve(createNativeEngine({
    ...options,
    name: "Deno.serve",
    libc,
    guarded: false,
    own,
    start: (where, fetch, lose) =>
      start(where, withOwnBodies(fetch), { backlog, lose }),
  }));
}
