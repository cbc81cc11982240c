/** The request timeout: an answer that has not come in time is given for the app. */
import { countRefused } from "../../exchange/refused.ts";
import type { Clock } from "../../runtime/runtime.ts";
import type { App, FetchApp, NodeApp } from "../app/app.ts";
import { isThenable } from "../../base/promise.ts";
import type { NamedRequest } from "../../exchange/flight-record.ts";
import { pathOf } from "../../exchange/path.ts";
import {
  refusalResponse,
  refuseOutgoing,
  unlessRefused,
} from "../call/outgoing.ts";
import type { LimitedOutgoing, OwnAnswer } from "../call/outgoing.ts";
import { ownSignal } from "./signal.ts";

export interface DeadlineOptions {
  readonly clock: Pick<Clock, "after">;
  /** Milliseconds from the call of the app to the beginning of its answer. */
  readonly ms: number;
  /** Reports a request that was not answered in time. */
  onTimeout(text: string): void;
}

const GATEWAY_TIMEOUT: OwnAnswer = { status: 504, text: "Gateway Timeout" };

/** The app with a deadline for each of its answers. */
export function withDeadline(app: App, options: DeadlineOptions): App {
  return app.style === "fetch"
    ? { style: "fetch", call: fetchInTime(app.call, options) }
    : { style: "node", call: listenInTime(app.call, options) };
}

function fetchInTime(call: FetchApp, options: DeadlineOptions): FetchApp {
  return (request, env, context) => {
    const abort = ownSignal(request);
    const answer = call(request, env, context);
    if (!isThenable(answer)) return answer;
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = options.clock.after(options.ms, () => {
        late = true;
        countRefused("deadline", 504);
        report(request, options, "answered 504");
        resolve(refusalResponse(GATEWAY_TIMEOUT));
        abort(timeoutError());
      });
      answer.then((value) => {
        timer.close();
        if (late) discard(value);
        else resolve(value);
      }, (thrown) => {
        // After the deadline this changes nothing: the client has its answer.
        timer.close();
        reject(thrown);
      });
    });
  };
}

function listenInTime(call: NodeApp, options: DeadlineOptions): NodeApp {
  return (incoming, outgoing) => {
    const response = outgoing as LimitedOutgoing;
    const abort = ownSignal(incoming as object);
    const begun = watchBegin(response);
    const timer = options.clock.after(options.ms, () => {
      if (response.writableEnded || begun()) return;
      const { headersSent } = response;
      if (!headersSent) countRefused("deadline", 504);
      report(
        incoming as NamedRequest,
        options,
        headersSent ? "connection cut" : "answered 504",
      );
      refuseOutgoing(response, GATEWAY_TIMEOUT);
      abort(timeoutError());
    });
    response.once("close", () => timer.close());
    return unlessRefused(call(incoming, outgoing), response);
  };
}

/** Tells whether a part of the answer was sent: a head that was written alone stays in the process. */
function watchBegin(response: LimitedOutgoing): () => boolean {
  let begun = false;
  const open = response as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  for (const name of ["write", "flushHeaders"]) {
    const send = open[name];
    if (send === undefined) continue;
    open[name] = function (...args) {
      begun = true;
      return send.apply(response, args);
    };
  }
  return () => begun;
}

function report(
  { method = "?", url = "?" }: NamedRequest,
  { ms, onTimeout }: DeadlineOptions,
  what: string,
): void {
  onTimeout(
    `${method} ${pathOf(url)} had no answer within ${ms / 1000} s: ${what}`,
  );
}

/** The error that AbortSignal.timeout() gives too. */
function timeoutError(): DOMException {
  return new DOMException("The request timeout is over", "TimeoutError");
}

/** Cancels the body of an answer that is not sent. */
function discard(value: unknown): void {
  try {
    (value as Response | undefined)?.body?.cancel().catch(() => {});
  } catch {
    // Not a Response: nothing to cancel.
  }
}
