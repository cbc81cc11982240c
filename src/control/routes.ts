/** What may be asked at the control socket; loaded once corn serves. */
import type { Chronicle, Entry } from "./chronicle.ts";
import { CONTENT_TYPES } from "../telemetry/exposition.ts";
import { adminRoutes, noMetrics } from "./admin/routes.ts";
import { Refused } from "./door/route.ts";
import type { Asked, Reply, Route } from "./door/route.ts";
import { count, flagOf, kindsOf, numberOf, slotOf } from "./given.ts";
import { Operations } from "./operations.ts";
import { orderRoutes } from "./order-routes.ts";
import { Orders } from "./orders.ts";
import {
  describeConfig,
  describeRequests,
  describeStatus,
  describeWorker,
} from "./snapshot.ts";
import type { Beginning } from "./snapshot.ts";
import { streamEvents } from "./stream-events.ts";
import { streamSamples } from "./stream-samples.ts";
import type { Subject } from "./subject.ts";

/** The longest that a client may wait for an operation, in seconds. */
const MOST_WAIT = 60;

/** Metrics, and the format they are in. */
export interface MetricsText {
  readonly type: string;
  readonly text: string;
}

export interface RoutesParts {
  readonly subject: Subject;
  readonly chronicle: Chronicle;
  readonly began: Beginning;
}

export function controlRoutes(
  { subject, chronicle, began }: RoutesParts,
): readonly Route[] {
  const operations = new Operations(() => subject.now());
  const orders = new Orders({ subject, chronicle, operations });
  const get = (
    path: string,
    summary: string,
    answer: Route["answer"],
  ): Route => ({ method: "GET", path, summary, answer });
  return [
    ...adminRoutes(subject.admin),
    get(
      "/v1/metrics",
      "The text of /metrics as JSON",
      async () => ({ json: await readMetrics(subject) }),
    ),
    statusRoute({ subject, chronicle, began }),
    get("/v1/workers/:slot", "One worker; ?measure=1 likewise", (asked) => {
      return measured(subject, asked.query, () => worker(asked));
    }),
    get(
      "/v1/requests",
      "Requests that are open, oldest first; ?query=1 with their queries",
      async ({ query }) => {
        const requests = await subject.requests(flagOf(query, "query"));
        return { json: describeRequests(requests, subject.facts()) };
      },
    ),
    get("/v1/config", "The settings in force, secrets masked", () => ({
      json: describeConfig(subject.config),
    })),
    get(
      "/v1/history",
      "Events that are kept, oldest first; ?after=ID&event=log|note",
      ({ query }) => ({ json: history(chronicle, query) }),
    ),
    get(
      "/v1/events",
      "Events as they come (SSE); ?after=ID&event=log,note,sample, or Last-Event-ID; a sample is the status, each second",
      (asked) =>
        events(asked, {
          chronicle,
          subject,
          sample: () => describeStatus(subject, chronicle, began),
        }),
    ),
    get(
      "/v1/operations/:name",
      "What came of an order; ?wait=SECONDS&seen=STEP",
      ({ params, query }) => awaitOperation(params, query),
    ),
    ...orderRoutes(orders, subject),
  ];

  function worker({ params }: Asked): Reply {
    const slot = slotOf(params);
    const { workers } = subject.facts();
    const worker = workers.filter((one) => one.slot === slot).at(-1);
    if (worker === undefined) {
      throw new Refused(404, "no-worker", `There is no worker ${slot}`);
    }
    return { json: describeWorker(worker, chronicle) };
  }

  async function awaitOperation(
    params: Asked["params"],
    query: URLSearchParams,
  ): Promise<Reply> {
    const operation = operations.find(params.name as string);
    if (operation === undefined) {
      throw new Refused(404, "no-operation", "There is no such operation");
    }
    const wait = numberOf(query, "wait", MOST_WAIT);
    const seen = query.has("seen") ? numberOf(query, "seen") : Infinity;
    const ms = wait * 1000;
    return {
      json: await operation.wait(seen, ms, (ms, run) => subject.after(ms, run)),
    };
  }
}

/** Metrics as a text. @throws Refused where nothing is measured */
async function readMetrics({ admin }: Subject): Promise<MetricsText> {
  const text = await admin.metrics("text");
  if (text === undefined) throw noMetrics();
  return { type: CONTENT_TYPES.text, text };
}

/** The pool as a whole. */
export function statusRoute(
  { subject, chronicle, began }: RoutesParts,
): Route {
  return {
    method: "GET",
    path: "/v1/status",
    summary:
      "The pool, its workers and addresses; ?measure=1 with how they are doing",
    answer: ({ query }) =>
      measured(subject, query, () => ({
        json: describeStatus(subject, chronicle, began),
      })),
  };
}

/** Answers once figures are there, where they are asked for. */
function measured(
  subject: Subject,
  query: URLSearchParams,
  answer: () => Reply,
): Reply | Promise<Reply> {
  return flagOf(query, "measure") ? subject.look().then(answer) : answer();
}

function history(chronicle: Chronicle, query: URLSearchParams) {
  const { entries, lost } = chronicle.after(numberOf(query, "after"));
  const wants = wanted(query);
  return { lost, last: chronicle.lastId, events: entries.filter(wants) };
}

function events(
  { query, field }: Asked,
  { chronicle, subject, sample }: EventsParts,
): Reply {
  const last = field("last-event-id") ?? query.get("after");
  const after = last === null ? chronicle.lastId : count(last, "after");
  const kinds = kindsOf(query, ["log", "note", "sample"]);
  const wants = ({ event }: Entry) => kinds.includes(event);
  return {
    events(stream) {
      const entries = { after, wants, clock: subject };
      const ends = [
        kinds.includes("sample") && streamSamples(stream, { subject, sample }),
        kinds.some((kind) => kind !== "sample") &&
        streamEvents(stream, chronicle, entries),
      ];
      return () => {
        for (const end of ends) end && end();
      };
    },
  };
}

interface EventsParts {
  readonly chronicle: Chronicle;
  readonly subject: Subject;
  sample(): unknown;
}

function wanted(query: URLSearchParams): (entry: Entry) => boolean {
  const kinds = kindsOf(query, ["log", "note"]);
  return ({ event }) => kinds.includes(event);
}
