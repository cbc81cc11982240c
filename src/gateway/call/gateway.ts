/** The one place the app is called. */
import { isThenable } from "../../base/promise.ts";
import type {
  Answer,
  Finish,
  NativeRequests,
  RequestHandler,
} from "../../runtime/runtime.ts";
import {
  isDeparture,
  isGivenUp,
  refusalOf,
} from "../../base/http/client-failure.ts";
import type { App, AppContext } from "../app/app.ts";
import { stackOf, textOf } from "../../base/stack.ts";
import {
  failureResponse,
  failureText,
  refusalResponse,
  TEXT_TYPE,
} from "./failure.ts";
import { createContexts } from "./context.ts";
import { noteContext } from "./request-members.ts";
import { sendable } from "./fetched.ts";
import { genuine, isGenuine, isResponseLike } from "./genuine.ts";
import { seatName } from "../../base/frames.ts";
import { SEATS } from "../../exchange/flight-record.ts";
import type { NamedRequest } from "../../exchange/flight-record.ts";
import { pathOf } from "../../exchange/path.ts";
import type { Inflight } from "./inflight.ts";

/** What the gateway needs beside the app. */
export interface GatewayOptions {
  readonly inflight: Inflight;
  /** Called when the worker turns from idle to busy, before the app is. */
  onBusy(): void;
  /** Called once, at the request that reaches `maxRequests`. */
  onLimit(): void;
  /** Requests after which `onLimit` is called; 0 for never. */
  readonly maxRequests: number;
  /** Reports a failure of the app. */
  onFailure(text: string): void;
  /** Called with each request that the app answers with 400 or more. */
  onRefused?(request: NamedRequest): void;
  /** True where clients may see stacks. */
  readonly dev: boolean;
  /** See `NativeRequests`. */
  readonly upgradeOf?: NativeRequests["upgradeOf"];
  /** See `NativeRequests`. */
  readonly own?: NativeRequests["own"];
  /** See `NativeRequests`. */
  readonly unsendable?: NativeRequests["unsendable"];
}

/** The part of http.ServerResponse that a failure needs. */
interface Outgoing {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  statusCode: number;
  getHeaderNames(): string[];
  removeHeader(name: string): void;
  setHeader(name: string, value: string): void;
  end(text?: string): void;
  destroy(): void;
  once(event: "close", run: () => void): void;
}

/** What belongs to an answer that comes later. */
interface Deferred {
  /** Takes the response where it is late. */
  readonly finish: Finish | undefined;
  readonly seat: number;
}

/** True where the client of a request, by its signal or its socket, is gone. */
function hasLeft(request: NamedRequest): boolean {
  const { signal, socket } = request as {
    readonly signal?: AbortSignal;
    readonly socket?: { readonly destroyed?: boolean } | null;
  };
  return signal?.aborted === true || socket?.destroyed === true;
}

/** Wraps an app into what engines call. */
export function createGateway(
  app: App,
  options: GatewayOptions,
): RequestHandler {
  const { inflight, maxRequests, dev, upgradeOf, own, unsendable } = options;

  const Context = createContexts((promise) => {
    const held = Promise.resolve(promise);
    inflight.hold(held);
    held.catch((error) =>
      options.onFailure(`waitUntil() promise rejected\n${stackOf(error)}`)
    );
  });

  /** Gives the request's seat. */
  function begin(request: NamedRequest): number {
    const seat = inflight.begin(request);
    if (inflight.open++ === 0) options.onBusy();
    if (++inflight.requests === maxRequests) options.onLimit();
    return seat;
  }

  function report(request: NamedRequest, thrown: unknown): void {
    // Otherwise clients could fill the log.
    if (isDeparture(thrown)) return;
    if (isGivenUp(thrown) && hasLeft(request)) return;
    options.onFailure(
      `${request.method} ${pathOf(request.url ?? "?")} failed\n${
        stackOf(thrown)
      }`,
    );
  }

  function fail(request: Request, thrown: unknown): Response {
    // Otherwise clients could fill the log.
    const status = refusalOf(thrown);
    if (status !== undefined) return refusalResponse(status);
    report(request, thrown);
    return upgradeOf?.(request) ?? failureResponse(thrown, dev);
  }

  /** Refuses what is no response, and makes one of what looks like it. */
  function checked(request: Request, answer: unknown): Response {
    if (isGenuine(answer)) {
      // Some runtimes' own servers leave the client without an answer to this
      // one (ALL-NOT-A-RESPONSE).
      if (answer.status !== 0) {
        const upgrade = upgradeOf?.(request);
        if (upgrade !== undefined) return upgrade;
        if (answer.status >= 400) options.onRefused?.(request);
        const sent = own === undefined ? answer : own(answer);
        const what = unsendable?.(sent);
        return what === undefined
          ? sendable(sent)
          : fail(request, new TypeError(`App returned ${what}`));
      }
      return fail(request, new TypeError("App returned Response.error()"));
    }
    if (!isResponseLike(answer)) {
      // What Bun's own server takes after an upgrade.
      const upgrade = answer === undefined ? upgradeOf?.(request) : undefined;
      if (upgrade !== undefined) return upgrade;
      return fail(
        request,
        new TypeError(`App returned ${textOf(answer)} instead of a Response`),
      );
    }
    try {
      return upgradeOf?.(request) ?? genuine(answer);
    } catch (thrown) {
      return fail(request, thrown);
    }
  }

  /** What waits for an answer has a name for each seat, by which a stack tells the request: see `readFrames`. */
  function answerer(name: string) {
    const answerOf = async (
      request: Request,
      answer: PromiseLike<unknown>,
      { finish, seat }: Deferred,
    ): Promise<Response> => {
      let response: Response | undefined;
      try {
        response = checked(request, await answer);
      } catch (thrown) {
        response = fail(request, thrown);
      } finally {
        inflight.end(seat, response);
      }
      return finish === undefined ? response : finish(response);
    };
    return Object.defineProperty(answerOf, "name", { value: name });
  }

  const answerers = Array.from(
    { length: SEATS },
    (_, seat) => answerer(seatName(seat)),
  );
  const answerUnseated = answerer("answer");

  function fetch(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    const seat = begin(request);
    let deferred = false;
    let response: Response | undefined;
    const context = new Context(request, env);
    noteContext(request, context);
    try {
      const answer = (app.call as (
        request: Request,
        env: unknown,
        context: AppContext,
      ) => unknown)(
        request,
        env,
        context,
      );
      if (isThenable(answer)) {
        deferred = true;
        const kept = inflight.defer(seat, request);
        const answerOf = answerers[kept] ?? answerUnseated;
        return answerOf(request, answer, { finish, seat: kept });
      }
      return response = checked(request, answer);
    } catch (thrown) {
      return response = fail(request, thrown);
    } finally {
      inflight.leave();
      if (!deferred) inflight.end(seat, response);
    }
  }

  function node(incoming: unknown, outgoing: unknown): void {
    const request = incoming as NamedRequest;
    const response = outgoing as Outgoing;
    const refuse = (thrown: unknown) => {
      report(request, thrown);
      if (response.writableEnded) return;
      if (response.headersSent) return response.destroy();
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 500;
      response.setHeader("content-type", TEXT_TYPE);
      response.end(failureText(thrown, dev));
    };
    const seat = inflight.defer(begin(request), request);
    response.once("close", () => {
      inflight.end(seat, response);
      if (response.statusCode >= 400) options.onRefused?.(request);
    });
    try {
      const answer = app.call(
        request as Request,
        response,
        new Context(request, outgoing),
      );
      if (isThenable(answer)) answer.then(undefined, refuse);
    } catch (thrown) {
      refuse(thrown);
    } finally {
      inflight.leave();
    }
  }

  return { style: app.style, fetch, node };
}
