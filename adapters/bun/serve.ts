/** Bun's engine: `Bun.serve`. */
import type {
  BunHandlers,
  Engine,
  EngineOptions,
  RequestHandler,
} from "../../src/runtime/runtime.ts";
import { OwnPromise } from "../../src/base/promise.ts";
import { clock } from "../shared/machine/machine.ts";
import { plainServe } from "./servers.ts";
import { createNativeEngine } from "../swap/native-engine.ts";
import type { Lose } from "../swap/native-engine.ts";
import type { NativeServer, Where } from "../swap/native-start.ts";
import { createActivity } from "./activity.ts";
import type { Activity } from "./activity.ts";
import { watchHandlers, watchUpgrades } from "./sockets.ts";
import type { Libc } from "../libc/libc.ts";
import { demandRoom, guardTap } from "../libc/room.ts";
import { createNodeHttpEngine } from "../shared/servers/node-http.ts";
import {
  clearInterval,
  setImmediate,
  setInterval,
} from "../shared/originals/originals.ts";

/** The part of Bun's server that corn uses. */
interface BunServer {
  /** Undefined where it listens on a unix socket. */
  readonly port: number | undefined;
  /** Requests whose response is not out yet, to its last byte. */
  readonly pendingRequests: number;
  stop(force?: boolean): Promise<void>;
  timeout(request: Request, seconds: number): void;
  upgrade(request: object, options?: unknown): boolean;
}

interface BunServeOptions {
  hostname?: string;
  port?: number;
  unix?: string;
  reusePort?: boolean;
  idleTimeout?: number;
  development?: boolean;
  maxRequestBodySize?: number;
  websocket?: BunHandlers;
  fetch(request: Request, server: BunServer): Response | Promise<Response>;
}

const serve = plainServe as unknown as (options: BunServeOptions) => BunServer;

/** Bun's own limit for idleTimeout, in seconds. */
const MAX_IDLE_SECONDS = 255;

/**
 * How long the event loop may stand still (BUN-ACCEPT-LOOP). Bun 1.3.14 to
 * 1.4.5 accepts and runs requests in one loop while new connections keep
 * coming: timers, signals and IPC are dead as long as that lasts, unless a
 * request is answered from outside of it. It must stay below the time after
 * which the arbiter takes a silent worker for late (600 ms).
 */
const MAX_STANDSTILL_MS = 40;

/** How often a server that stops is asked for its open requests. */
const STOP_POLL_MS = 50;

/**
 * Stops a server. A connection that has sent nothing, or half a head, would
 * hold it for up to 12 seconds whatever the idle timeout (Bun 1.4.5,
 * BUN-STOP-WAITS): it gets `graceMs`, and open responses all the time they
 * need.
 */
async function stop(
  server: Pick<BunServer, "stop" | "pendingRequests">,
  graceMs: number,
): Promise<void> {
  const cutAt = clock.lived() + graceMs;
  const timer = setInterval(() => {
    if (clock.lived() < cutAt || server.pendingRequests > 0) return;
    clearInterval(timer);
    void server.stop(true);
  }, STOP_POLL_MS);
  await server.stop();
  clearInterval(timer);
}

/** What of a server's end is corn's own: its `stop` is there for the app too, which has the server as its env. */
function watchStop(
  server: BunServer,
  lose: Lose,
): Pick<BunServer, "stop" | "pendingRequests"> {
  const end = server.stop.bind(server);
  server.stop = (force) => {
    lose("Bun.serve was stopped by the app");
    return end(force);
  };
  return {
    stop: end,
    get pendingRequests() {
      return server.pendingRequests;
    },
  };
}

function start(
  { address, reusePort }: Where,
  fetch: RequestHandler["fetch"],
  { activity, idleSeconds, websocket, lose }: {
    readonly activity: Activity;
    readonly idleSeconds: number;
    /** Its handlers of WebSockets. */
    readonly websocket: BunHandlers | undefined;
    readonly lose: Lose;
  },
): NativeServer {
  function answer(
    request: Request,
    server: BunServer,
  ): Response | Promise<Response> {
    // The idle timeout also cuts a connection whose handler is at work or whose
    // stream is quiet (Bun 1.4.5, BUN-IDLE-TIMEOUT), so it is off from the
    // first request on; it guards what comes before: silent connections and
    // slow heads.
    server.timeout(request, 0);
    // Only where it must be: a response that comes later makes Bun lose the next
    // one of a connection that pipelines (1.4.5, BUN-PIPELINED).
    if (activity.turns()) return fetch(request, server);
    return new OwnPromise((resolve) =>
      setImmediate(() => resolve(fetch(request, server)))
    );
  }

  const common = {
    // On a unix socket that was inherited it cuts connections in full use,
    // whatever timeout() says (1.4.5, BUN-IDLE-TIMEOUT-UNIX); clients
    // there are local.
    idleTimeout: address.kind === "unix" ? 0 : idleSeconds,
    development: false,
    // Bun's own is 128 MiB (1.4.5, BUN-BODY-128M), and its 413 says nothing:
    // limitRequestBody is for that.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: answer,
    ...(websocket && { websocket }),
  };
  const server = address.kind === "unix"
    ? serve({ ...common, unix: address.path })
    : serve({
      ...common,
      hostname: address.host,
      port: address.port,
      reusePort,
    });
  const own = watchStop(server, lose);
  if (websocket !== undefined) watchUpgrades(server);
  return {
    address: address.kind === "unix"
      ? address
      : { ...address, port: server.port ?? address.port },
    stop: () => stop(own, idleSeconds * 1000),
    busy: () => server.pendingRequests > 0,
    cut: () => void own.stop(true),
  };
}

export function createEngine(
  options: EngineOptions,
  libc: Libc | undefined,
): Promise<Engine> {
  const { handler, keepAliveMs } = options;
  if (handler.style === "node") {
    return Promise.resolve(
      createNodeHttpEngine({
        ...options,
        listener: handler.node,
        feed: true,
        demandRoom: (descriptor) => libc && demandRoom(libc, descriptor),
        watch: (descriptor) => libc && guardTap(libc, descriptor),
      }),
    );
  }
  const idleSeconds = Math.min(
    Math.max(1, Math.ceil(keepAliveMs / 1000)),
    MAX_IDLE_SECONDS,
  );
  const activity = createActivity(MAX_STANDSTILL_MS);
  const websocket = options.sockets && watchHandlers(options.sockets);
  return Promise.resolve(createNativeEngine({
    ...options,
    name: "Bun.serve",
    libc,
    guarded: true,
    start: (where, fetch, lose) =>
      start(where, fetch, { activity, idleSeconds, websocket, lose }),
  }));
}
