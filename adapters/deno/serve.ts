/** Deno's engine: `Deno.serve`. */
import type {
  Engine,
  EngineOptions,
  Peer,
  RequestHandler,
} from "../../src/runtime.ts";
import { createNativeEngine } from "../common/native-engine.ts";
import type { NativeServer, Where } from "../common/native-engine.ts";
import type { Libc } from "../posix/libc.ts";
import { createNodeHttpEngine } from "../common/node-http.ts";
import { peerOfIncoming } from "../common/peer.ts";

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

/** The part of Deno's ServeHandlerInfo that corn uses. */
interface DenoInfo {
  readonly remoteAddr: {
    readonly transport: "tcp" | "unix";
    readonly hostname?: string;
    readonly port?: number;
  };
}

type DenoHandler = (
  request: Request,
  info: unknown,
) => Response | Promise<Response>;

const Deno = (globalThis as unknown as {
  Deno: { serve(options: DenoServeOptions, handler: DenoHandler): DenoServer };
}).Deno;

function start(
  { address, reusePort }: Where,
  fetch: RequestHandler["fetch"],
  backlog: number,
): NativeServer {
  const cut = new AbortController();
  // Without onListen Deno prints a line of its own.
  const common = { signal: cut.signal, onListen() {} };
  const server = address.kind === "unix"
    ? Deno.serve({ ...common, path: address.path }, fetch)
    : Deno.serve(
      // reusePort needs --unstable-net (Deno 2.9.6), which workers are started with.
      {
        ...common,
        hostname: address.host,
        port: address.port,
        tcpBacklog: backlog,
        reusePort,
      },
      fetch,
    );
  let finished = false;
  void server.finished.then(() => finished = true);
  return {
    address: address.kind === "unix"
      ? address
      : { ...address, port: server.addr.port ?? address.port },
    stop: () => server.shutdown(),
    busy: () => false,
    // Aborting a server that has ended is an uncaught BadResource (Deno 2.9.6).
    cut: () => {
      if (!finished) cut.abort();
    },
  };
}

/** See `Runtime.peerOf`. */
export function peerOf(request: unknown, env: unknown): Peer | undefined {
  const { remoteAddr } = env as Partial<DenoInfo>;
  if (remoteAddr === undefined) return peerOfIncoming(request);
  const { transport, hostname: address, port } = remoteAddr;
  if (transport === "unix") return { kind: "unix" };
  return address ? { kind: "tcp", address, port: port ?? 0 } : undefined;
}

export function engine(
  options: EngineOptions,
  libc: Libc | undefined,
): Promise<Engine> {
  const { handler, backlog } = options;
  if (handler.style === "node") {
    return Promise.resolve(
      createNodeHttpEngine({ ...options, listener: handler.node, feed: false }),
    );
  }
  return Promise.resolve(createNativeEngine({
    ...options,
    name: "Deno.serve",
    libc,
    start: (where, fetch) => start(where, fetch, backlog),
  }));
}
