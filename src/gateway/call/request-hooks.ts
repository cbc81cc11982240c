/** `preRequest` and `postRequest` around the app; an app without them pays nothing. */
import { callHook } from "../../hooks/call.ts";
import type { CallOptions, Outcome } from "../../hooks/call.ts";
import type {
  HookWorker,
  RequestOutcome,
  WorkerHooks,
} from "../../hooks/types.ts";
import type { Clock } from "../../runtime/runtime.ts";
import type { App, FetchApp, NodeApp } from "../app/app.ts";
import { isThenable } from "../../base/promise.ts";
import type { LimitedOutgoing } from "./outgoing.ts";

export interface RequestHooksOptions extends Omit<CallOptions, "clock"> {
  readonly clock: Pick<Clock, "after" | "now">;
  readonly hooks: Pick<WorkerHooks, "preRequest" | "postRequest">;
  readonly worker: HookWorker;
  /** Holds the worker open until a promise has settled. */
  hold(promise: Promise<unknown>): void;
}

/** The app with the hooks around it. */
export function withRequestHooks(app: App, options: RequestHooksOptions): App {
  const { preRequest, postRequest } = options.hooks;
  if (preRequest === undefined && postRequest === undefined) return app;
  return app.style === "fetch"
    ? { ...app, call: hookedFetch(app.call, options) }
    : { ...app, call: hookedListener(app.call, options) };
}

/** Runs `preRequest`, then what follows; what the hook throws is thrown on. */
function before(
  request: Request,
  options: RequestHooksOptions,
  next: () => unknown,
): unknown {
  const { hooks, worker } = options;
  if (hooks.preRequest === undefined) return next();
  const goOn = (outcome: Outcome) => {
    if (outcome.end !== "failed") return next();
    // The line is in the log already, so a reason is enough for the gateway's.
    throw new Error("Hook preRequest failed");
  };
  const outcome = callHook(
    "preRequest",
    () => hooks.preRequest?.(worker, request),
    options,
  );
  return isThenable(outcome) ? outcome.then(goOn) : goOn(outcome as Outcome);
}

/** Runs `postRequest`, for which only the drain waits. */
function after(
  request: Request,
  outcome: RequestOutcome,
  options: RequestHooksOptions,
): void {
  const { hooks, worker } = options;
  if (hooks.postRequest === undefined) return;
  const called = callHook(
    "postRequest",
    () => hooks.postRequest?.(worker, request, outcome),
    options,
  );
  if (isThenable(called)) options.hold(called as Promise<Outcome>);
}

function hookedFetch(call: FetchApp, options: RequestHooksOptions): FetchApp {
  const { clock } = options;
  return (request, env, context) => {
    const begun = clock.now();
    const answered = (answer: unknown) => {
      const response = answer as Response | undefined;
      const isResponse = typeof response?.status === "number";
      after(request, {
        status: isResponse ? response.status : 500,
        response: isResponse ? response : undefined,
        ms: clock.now() - begun,
      }, options);
      return answer;
    };
    const failed = (error: unknown): never => {
      const ms = clock.now() - begun;
      after(request, { status: 500, response: undefined, error, ms }, options);
      throw error;
    };
    let answer: unknown;
    try {
      answer = before(request, options, () => call(request, env, context));
    } catch (error) {
      return failed(error);
    }
    return isThenable(answer)
      ? answer.then(answered, failed)
      : answered(answer);
  };
}

function hookedListener(call: NodeApp, options: RequestHooksOptions): NodeApp {
  const { clock } = options;
  return (incoming, outgoing) => {
    const begun = clock.now();
    const request = incoming as Request;
    const response = outgoing as LimitedOutgoing;
    let error: unknown;
    response.once("close", () =>
      after(request, {
        status: response.statusCode,
        response: error === undefined ? outgoing as Response : undefined,
        ...(error !== undefined && { error }),
        ms: clock.now() - begun,
      }, options));
    const failed = (thrown: unknown): never => {
      error = thrown;
      throw thrown;
    };
    let answer: unknown;
    try {
      answer = before(request, options, () => call(incoming, outgoing));
    } catch (thrown) {
      return failed(thrown);
    }
    return isThenable(answer) ? answer.then(undefined, failed) : answer;
  };
}
