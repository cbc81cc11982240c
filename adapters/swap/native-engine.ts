/** What the engines on `Bun.serve` and `Deno.serve` share: the closing of connections, and the drain. */
import type {
  Answer,
  Engine,
  EngineOptions,
  RequestHandler,
  Source,
} from "../../src/runtime/runtime.ts";
import { answerThrough } from "../../src/base/http/answer.ts";
import { lacksRoom } from "../shared/files/lacks-room.ts";
import { desertion, sleep } from "./desertion.ts";
import { startOn } from "./native-start.ts";
import type {
  NativeServer,
  Serving,
  Start,
  StartOptions,
  Where,
} from "./native-start.ts";
import { now as readClock } from "../shared/originals/originals.ts";

/** How a runtime starts its server. */
export interface NativeOptions extends EngineOptions, StartOptions {
  readonly name: string;
  start(
    where: Where,
    handler: RequestHandler["fetch"],
    lose: Lose,
  ): NativeServer;
  /** See `NativeRequests.own`. */
  own?(answer: Response): Response;
}

/** Tells that a server has ended: with the error where only its listener has, and its connections are served on. */
export type Lose = (reason: string, error?: Error) => void;

/** How long a connection that was accepted right before the drain has for its first request. */
const FIRST_REQUEST_MS = 100;
/** Turns of an event loop within which it has accepted what it was about to. */
const TURNS = 3;

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

/** How often a server whose listener has ended tries to have another. */
const RETRY_MS = 250;
const REPORT_MS = 10_000;

export function createNativeEngine(options: NativeOptions): Engine {
  const { handler, keepAliveMs, libc, own } = options;
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
    const sent = own === undefined ? response : own(response);
    // The drain may have begun while the app was at work.
    return closes ? closing(sent) : sent;
  }

  function fetch(request: Request, env: unknown): Answer {
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
    return mine = await startOn(source, start, options);
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
    const now = readClock();
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
      await desertion({ libc, keepAliveMs, serving, ended });
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
