/** How many requests a worker has in hand, and how many wait for their turn. */
import { countRefused } from "../../exchange/refused.ts";
import type {
  Answer,
  Clock,
  Closeable,
  Finish,
  RequestHandler,
} from "../../runtime/runtime.ts";
import { OwnPromise } from "../../base/promise.ts";
import { answerLater, answerThrough } from "../../base/http/answer.ts";
import type { Inflight } from "../call/inflight.ts";
import {
  refusalResponse,
  refuseOutgoing,
  UNAVAILABLE,
} from "../call/outgoing.ts";
import type { LimitedOutgoing } from "../call/outgoing.ts";
import { summarisedReport } from "../../base/summarised-report.ts";
import { waitedMs } from "./request-start.ts";

export interface AdmissionOptions {
  readonly clock: Pick<Clock, "after" | "date">;
  readonly inflight: Pick<Inflight, "hold" | "queued">;
  /** Requests in hand at once; 0 for any number. */
  readonly connections: number;
  /** Requests that wait beyond that. */
  readonly maxQueue: number;
  /** Milliseconds that a request may have waited, in front of the worker too; 0 for any time. */
  readonly maxQueueTimeMs: number;
  /** Reports refusals, a few lines a minute at most. */
  onOverload(text: string): void;
}

/** A request that waits. */
interface Waiting {
  /** Its turn has come. */
  start(): void;
}

/** Lets requests through to a handler, in order, as many at once as it may have. */
export function withAdmission(
  handler: RequestHandler,
  options: AdmissionOptions,
): RequestHandler {
  const { clock, inflight, maxQueue, maxQueueTimeMs } = options;
  const most = options.connections === 0 ? Infinity : options.connections;
  const waiting = new Set<Waiting>();
  const report = summarisedReport({
    clock,
    report: options.onOverload,
    more: (count, seconds) =>
      `Refused ${count} more with 503 in the last ${seconds} s`,
  });
  let open = 0;
  let starting = false;

  function reportRefusal(): void {
    countRefused("queue", 503);
    report(() =>
      `Refused a request with 503: ${open} in hand, ${waiting.size} waiting`
    );
  }

  function take(entry: Waiting): void {
    waiting.delete(entry);
    inflight.queued = waiting.size;
  }

  function leave(): void {
    open--;
    // An app that answers at once would come back here for each that waits.
    if (starting) return;
    starting = true;
    for (const next of waiting) {
      if (open >= most) break;
      take(next);
      next.start();
    }
    starting = false;
  }

  /** Milliseconds that a request may wait here; 0 or less when it is too late already. `since` reads x-request-start where it must. */
  function patience(since: () => string | null | undefined): number {
    if (maxQueueTimeMs === 0) return Infinity;
    return maxQueueTimeMs - waitedMs(since(), clock.date().getTime());
  }

  /** Tells what happens to a request that comes now. */
  function judge(ms: number): "run" | "wait" | "refuse" {
    if (ms > 0) {
      if (open < most) return "run";
      if (waiting.size < maxQueue) return "wait";
    }
    reportRefusal();
    return "refuse";
  }

  /** Waits for its turn; gives what takes it out of the queue. */
  function wait(
    ms: number,
    { start, late }: { start(): void; late(): void },
  ): () => void {
    let timer: Closeable | undefined;
    const entry = {
      start() {
        timer?.close();
        start();
      },
    };
    waiting.add(entry);
    inflight.queued = waiting.size;
    if (ms < Infinity) {
      timer = clock.after(ms, () => {
        take(entry);
        reportRefusal();
        late();
      });
    }
    return () => {
      timer?.close();
      take(entry);
    };
  }

  function run(
    request: Request,
    env: unknown,
    finish: Finish | undefined,
  ): Answer {
    open++;
    const step: Finish = (response) => {
      leave();
      return response;
    };
    return answerThrough(handler, request, env, step, finish);
  }

  function waitToFetch(
    request: Request,
    ms: number,
    start: () => Answer,
  ): Promise<Response> {
    return new OwnPromise((resolve) => {
      const { signal } = request;
      const gone = () => {
        quit();
        // The client is gone: this is not sent.
        resolve(refusalResponse(UNAVAILABLE));
      };
      const quit = wait(ms, {
        start: () => resolve(start()),
        late: () => resolve(refusalResponse(UNAVAILABLE)),
      });
      // Later than that it changes nothing.
      if (signal.aborted) gone();
      else signal.addEventListener("abort", gone);
    });
  }

  function fetch(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    const ms = patience(() => request.headers.get("x-request-start"));
    const verdict = judge(ms);
    if (verdict === "run") return run(request, env, finish);
    if (verdict === "refuse") return refusalResponse(UNAVAILABLE);
    const answer = waitToFetch(request, ms, () => run(request, env, undefined));
    inflight.hold(answer);
    return answerLater(answer, finish);
  }

  function listen(incoming: unknown, outgoing: LimitedOutgoing): void {
    open++;
    outgoing.once("close", leave);
    handler.node(incoming, outgoing);
  }

  function node(incoming: unknown, outgoing: unknown): void {
    const response = outgoing as LimitedOutgoing;
    const { headers } = incoming as { headers: Record<string, string> };
    const ms = patience(() => headers["x-request-start"]);
    const verdict = judge(ms);
    if (verdict === "run") return listen(incoming, response);
    if (verdict === "refuse") return refuseOutgoing(response, UNAVAILABLE);
    inflight.hold(
      new Promise<void>((resolve) => {
        const gone = () => {
          quit();
          resolve();
        };
        const quit = wait(ms, {
          start() {
            response.off("close", gone);
            resolve();
            listen(incoming, response);
          },
          late: () => refuseOutgoing(response, UNAVAILABLE),
        });
        response.once("close", gone);
      }),
    );
  }

  return { style: handler.style, fetch, node };
}
