/** What the engines on `Bun.serve` and `Deno.serve` share: the closing of connections, and the drain. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Address,
  Answer,
  Engine,
  EngineOptions,
  RequestHandler,
  Source,
  UnixAccess,
} from "../../src/runtime/runtime.ts";
import { answerThrough } from "../../src/base/answer.ts";
import { lacksRoom } from "../shared/sockets/lacks-room.ts";
import { ownName } from "../shared/sockets/unix-name.ts";
import { adopt } from "./adopt.ts";
import { surveyConnections } from "./connections.ts";
import type { Survey } from "./connections.ts";
import type { Adopted } from "./adopt.ts";
import type { Libc } from "../libc/libc.ts";

/** One native server. */
export interface NativeServer {
  readonly address: Address;
  /** Stops accepting, ends idle connections, resolves when every open response is out. */
  stop(): Promise<unknown>;
  /** True while a response is not out to its last byte, where the runtime tells. */
  busy(): boolean;
  /** Cuts every connection. */
  cut(): void;
}

/** How a runtime starts its server. */
export interface NativeOptions extends EngineOptions {
  readonly name: string;
  /** libc, to accept from inherited sockets; undefined where that is not possible. */
  readonly libc: Libc | undefined;
  /** True where a server must rest while there are no descriptors for it to accept with. */
  readonly guarded: boolean;
  start(
    where: Where,
    handler: RequestHandler["fetch"],
    lose: Lose,
  ): NativeServer;
  /** Called with each request, and with each answer. */
  onWork?(): void;
}

/** Tells that a server has ended: with the error where only its listener has, and its connections are served on. */
export type Lose = (reason: string, error?: Error) => void;

/** What a native server listens on. */
export interface Where {
  readonly address: Address;
  /** True to set SO_REUSEPORT. */
  readonly reusePort: boolean;
}

/** A server that serves, and what makes it stop accepting where that is possible on its own. */
interface Serving {
  readonly server: NativeServer;
  readonly address: Address;
  readonly adopted: Adopted | undefined;
  /** The inherited socket that it accepts from. */
  readonly descriptor?: number;
}

/** How long a connection that was accepted right before the drain has for its first request. */
const FIRST_REQUEST_MS = 100;
/** Turns of an event loop within which it has accepted what it was about to. */
const TURNS = 3;
/** How often a drain looks whether connections are left. */
const LOOK_MS = 100;
/** A timer that is later than this did not have the processor. */
const HELD_UP_MS = 50;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Sleeps and gives the milliseconds that count: none where this process was held
 * up for long meanwhile, since what came in that time has not been read yet.
 */
async function waited(ms: number): Promise<number> {
  const from = performance.now();
  await sleep(ms);
  return performance.now() - from < ms + HELD_UP_MS ? ms : 0;
}

/** Lets event loops act on all that they have seen, those included that look for events after a number of tasks. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await sleep(0);
}

/** The same response with `Connection: close`; a connection that becomes another protocol's has no such end. */
function closing(response: Response): Response {
  if (response.status === 101) return response;
  try {
    response.headers.set("connection", "close");
    return response;
  } catch {
    // Headers of Response.redirect() and of fetched responses cannot be changed.
    const copy = new Response(response.body, response);
    copy.headers.set("connection", "close");
    return copy;
  }
}

/** Starts a server on a socket of its own. */
function startOwn(address: Address, start: Start, access: UnixAccess): Serving {
  if (address.kind === "tcp") {
    const server = start({ address, reusePort: true });
    return { server, address: server.address, adopted: undefined };
  }
  const own = ownName(address.path, access);
  const unix: Address = { kind: "unix", path: own.path };
  const server = own.bind(() => start({ address: unix, reusePort: false }));
  own.publish();
  return { server, address, adopted: undefined };
}

type Start = (where: Where) => NativeServer;

/** How often a server whose listener has ended tries to have another. */
const RETRY_MS = 250;
const REPORT_MS = 10_000;

/** Starts a server on an address of no use and gives it the inherited socket instead. @throws where that fails */
async function startInherited(
  { descriptor, address }: Source & { kind: "descriptor" },
  start: Start,
  { libc, backlog, guarded }:
    & Pick<NativeOptions, "backlog" | "guarded">
    & { libc: Libc },
): Promise<Serving> {
  // A folder of this process's own: its names cannot be taken, nor what they stand for.
  const folder = address.kind === "unix"
    ? mkdtempSync(join(tmpdir(), "corn-"))
    : undefined;
  let server: NativeServer | undefined;
  try {
    server = start({
      address: folder === undefined
        ? { kind: "tcp", host: "127.0.0.1", port: 0 }
        : { kind: "unix", path: join(folder, "socket") },
      reusePort: false,
    });
    const { address: throwaway } = server;
    const adopted = adopt({
      ...{ libc, descriptor, backlog, throwaway, guarded },
    });
    return { server, address, adopted, descriptor };
  } catch (error) {
    await server?.stop();
    throw error;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export function createNativeEngine(options: NativeOptions): Engine {
  const { handler, keepAliveMs, libc, onWork } = options;
  const serving: Serving[] = [];
  /** Those whose connections are served on without a listener. */
  const ended: Serving[] = [];
  /** Sources without a listener, until there is room for one. */
  const waiting = new Set<Source>();
  let closes = keepAliveMs === 0;
  /** True from the drain on. */
  let over = false;
  let reportedAt = -Infinity;

  /** What happens to every answer. */
  function step(response: Response): Response {
    onWork?.();
    // The drain may have begun while the app was at work.
    return closes ? closing(response) : response;
  }

  function fetch(request: Request, env: unknown): Answer {
    onWork?.();
    return answerThrough(handler, request, env, step);
  }

  async function startServer(source: Source): Promise<Serving> {
    let mine: Serving | undefined;
    const start: Start = (where) =>
      options.start(where, fetch, (reason, error) => {
        // It was never served from.
        if (mine === undefined || over) return;
        if (error === undefined) options.onEnd?.(reason);
        else void reopen(source, mine, error);
      });
    return mine = await startOn(source, start);
  }

  /** Opens a source again whose listener has ended, as soon as there is room. */
  async function reopen(
    source: Source,
    lost: Serving | undefined,
    { message }: Error,
  ): Promise<void> {
    if (lost !== undefined) {
      lost.adopted?.close();
      serving.splice(serving.indexOf(lost), 1);
      ended.push(lost);
    }
    waiting.add(source);
    const now = performance.now();
    if (now - reportedAt > REPORT_MS) {
      reportedAt = now;
      options.report(`Cannot accept until there is room: ${message}`);
    }
    while (waiting.has(source)) {
      await sleep(RETRY_MS);
      if (over || !waiting.has(source)) return;
      try {
        serving.push(await startServer(source));
        waiting.delete(source);
      } catch (error) {
        if (!lacksRoom(error)) {
          waiting.delete(source);
          options.onEnd?.(`Cannot accept again: ${(error as Error).message}`);
        }
      }
    }
  }

  async function startOn(source: Source, start: Start): Promise<Serving> {
    const { address } = source;
    if (source.kind === "address" || libc === undefined) {
      return startOwn(address, start, options);
    }
    try {
      return await startInherited(source, start, { ...options, libc });
    } catch (cause) {
      const { message } = cause as Error;
      if (lacksRoom(cause)) throw cause;
      if (address.kind === "unix") {
        // Each worker that bound the name for itself would take it from the one before.
        throw new Error(
          `Cannot accept from an inherited unix socket (${message}): give --http wire, which takes it as it is`,
          { cause },
        );
      }
      options.report(
        `Cannot accept from an inherited socket (${message}): binding the address with SO_REUSEPORT instead`,
      );
      return startOwn(address, start, options);
    }
  }

  /**
   * What the connections do; undefined where that cannot be told, or where a
   * server on a socket of its own, which cannot stop accepting, may get the next one.
   */
  function survey(): Survey | undefined {
    if (libc === undefined || serving.some((one) => !one.adopted)) return;
    const addresses = [...serving, ...ended].map(({ address }) => address);
    try {
      return surveyConnections(libc, addresses);
    } catch {
      // To look takes a descriptor, and there may be none.
      return undefined;
    }
  }

  /** Waits until no connection is left, or each was told to close (which DENO-CLOSE-KEPT leaves to the client) or had its keep-alive time. */
  async function desertion(): Promise<void> {
    // One that was accepted a moment ago has its whole time for a first request.
    let left = keepAliveMs;
    while (left > 0) {
      const from = performance.now();
      const seen = survey();
      if (seen?.tcp === 0 && seen.unix === 0) return;
      // A look takes longer with more descriptors, and holds the others up.
      const pause = Math.max(LOOK_MS, 20 * (performance.now() - from));
      left -= await waited(Math.min(pause, left));
      // TCP tells how long each has been quiet, unix sockets do not.
      if (seen?.unix === 0) left = keepAliveMs - seen.quietMs;
      if (serving.some(({ server }) => server.busy())) left = keepAliveMs;
    }
  }

  /** The server on an inherited socket, if there is one. */
  function adoptedFrom(descriptor: number): Serving | undefined {
    return serving.find((one) => one.descriptor === descriptor);
  }

  return {
    name: options.name,
    async open(source) {
      const known = source.kind === "descriptor"
        ? adoptedFrom(source.descriptor)
        : undefined;
      const late = [...waiting].some((one) =>
        one.kind === "descriptor" && source.kind === "descriptor" &&
        one.descriptor === source.descriptor
      );
      if (late) return source.address;
      if (known !== undefined) {
        known.adopted?.resume();
        return known.address;
      }
      try {
        const started = await startServer(source);
        serving.push(started);
        return started.address;
      } catch (error) {
        // A worker that serves may take a queue over when there is room.
        if (serving.length + ended.length === 0 || !lacksRoom(error)) {
          throw error;
        }
        void reopen(source, undefined, error as Error);
        return source.address;
      }
    },
    release(descriptor) {
      for (const one of waiting) {
        if (one.kind === "descriptor" && one.descriptor === descriptor) {
          waiting.delete(one);
          return true;
        }
      }
      const { adopted } = adoptedFrom(descriptor) ?? {};
      adopted?.release();
      return adopted !== undefined;
    },
    async drain(closed) {
      closes = over = true;
      for (const { adopted } of serving) adopted?.release();
      const resting = serving.every(({ adopted }) => adopted);
      // Their event loops may have been about to accept.
      await turns();
      if (resting) closed?.();
      // The runtimes' own stop ends idle connections at once, with a request
      // perhaps on its way (Bun 1.4.5, BUN-STOP-IDLE; Deno 2.9.6,
      // DENO-NO-TIMES): it waits until each has been told to close or had its
      // keep-alive time.
      await sleep(FIRST_REQUEST_MS);
      await desertion();
      // What the runtimes' own stop does with WebSockets depends on the version
      // (ALL-STOP-SOCKETS): they are ended before, each in its time.
      await options.sockets?.keeper.gone();
      const stopped = Promise.all(serving.map(({ server, adopted }) => {
        adopted?.close();
        return server.stop();
      }));
      if (!resting) void turns().then(closed);
      await stopped;
    },
    close() {
      closes = over = true;
      for (const { server, adopted } of [...serving, ...ended]) {
        // Its descriptor may be another's once it is closed.
        adopted?.close();
        server.cut();
      }
    },
  };
}
