/** Which orders may be given to a running corn, and how each is written. */
import type { Asked, Route } from "./door/route.ts";
import { bad, fieldsOf, reloadOf, sizeOf, slotOf, threadOf } from "./given.ts";
import type { Operation } from "./operations.ts";
import type { Orders } from "./orders.ts";
import type { Subject } from "./subject.ts";

/** How long a profile takes unless it is said. */
const PROFILE_S = 10;

/** The routes of orders: each begins an operation and is answered with its report. */
export function orderRoutes(
  orders: Orders,
  subject: Subject,
): readonly Route[] {
  return [
    post(
      "/v1/reload",
      'Load config and code anew; {"canary":30} judges the first worker for so many seconds',
      ({ body }) => orders.reload(reloadOf(body)),
    ),
    post("/v1/stop", 'Stop; {"mode":"graceful"|"quick"}', ({ body }) => {
      const { mode = "graceful" } = fieldsOf(body, ["mode"]);
      if (mode !== "graceful" && mode !== "quick") {
        throw bad('"mode" is graceful or quick');
      }
      return orders.stop(mode);
    }),
    post(
      "/v1/scale",
      'Change the number of workers; {"to":4}, {"to":"auto"} or {"by":1}',
      ({ body }) => orders.scale(sizeOf(body, subject)),
    ),
    post("/v1/reopen", "Open log files anew", ({ body }) => {
      fieldsOf(body, []);
      return orders.reopen();
    }),
    post("/v1/upgrade", "Start a new arbiter beside this one", ({ body }) => {
      fieldsOf(body, []);
      return orders.upgrade();
    }),
    post(
      "/v1/workers/:slot/restart",
      "Replace a worker, or all, each by one that is ready before",
      ({ params }) =>
        orders.restart(params.slot === "all" ? "all" : slotOf(params)),
    ),
    post(
      "/v1/workers/:slot/drain",
      "Let a worker end; another takes its slot at once",
      ({ params }) => orders.drain(slotOf(params)),
    ),
    post(
      "/v1/workers/:slot/kill",
      "Kill a worker; another takes its slot",
      ({ params }) => orders.kill(slotOf(params)),
    ),
    post(
      "/v1/workers/:slot/stack",
      "Where a worker is blocked, if it is",
      ({ params }) => orders.stack(slotOf(params)),
    ),
    post(
      "/v1/workers/:slot/profile",
      'A .cpuprofile of a worker, or of a thread of it; {"seconds":10,"thread":1}',
      ({ params, body }) => {
        const { seconds = PROFILE_S, thread } = fieldsOf(body, [
          "seconds",
          "thread",
        ]);
        if (typeof seconds !== "number" || !(seconds > 0 && seconds <= 600)) {
          throw bad('"seconds" is a number above 0, and at most 600');
        }
        return orders.record(slotOf(params), {
          what: "profile",
          ms: seconds * 1000,
          thread: threadOf(thread),
          drain: false,
        });
      },
    ),
    post(
      "/v1/workers/:slot/heap",
      'A .heapsnapshot of a worker, or of a thread of it, which stands still meanwhile; {"drain":true,"thread":1} replaces the worker before',
      ({ params, body }) => {
        const { drain = false, thread } = fieldsOf(body, ["drain", "thread"]);
        if (typeof drain !== "boolean") throw bad('"drain" is true or false');
        return orders.record(slotOf(params), {
          ...{ what: "heap", ms: 0, drain },
          thread: threadOf(thread),
        });
      },
    ),
  ];
}

function post(
  path: string,
  summary: string,
  begin: (asked: Asked) => Operation,
): Route {
  return {
    method: "POST",
    path,
    summary,
    answer(asked) {
      const { operation } = begin(asked).report;
      return { status: 202, json: { operation } };
    },
  };
}
