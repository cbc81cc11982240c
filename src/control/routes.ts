/** What may be asked at the control socket; loaded once corn serves. */
import type { Chronicle, Entry } from "./chronicle.ts";
import { parseValue, problemOf } from "../config/table/values.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import { CONTENT_TYPES } from "../telemetry/exposition.ts";
import { adminRoutes, noMetrics } from "./admin/routes.ts";
import { Refused } from "./door/route.ts";
import type { Asked, Reply, Route } from "./door/route.ts";
import { Operations } from "./operations.ts";
import type { Operation } from "./operations.ts";
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
/** How long a profile takes unless it is said. */
const PROFILE_S = 10;
/** As the setting workers has it. */
const MOST_WORKERS = 2 ** 31 - 1;

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
  const post = (
    path: string,
    summary: string,
    begin: (asked: Asked) => Operation,
  ): Route => ({
    method: "POST",
    path,
    summary,
    answer(asked) {
      const { operation } = begin(asked).report;
      return { status: 202, json: { operation } };
    },
  });
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
      'A .cpuprofile of a worker; {"seconds":10}',
      ({ params, body }) => {
        const { seconds = PROFILE_S } = fieldsOf(body, ["seconds"]);
        if (typeof seconds !== "number" || !(seconds > 0 && seconds <= 600)) {
          throw bad('"seconds" is a number of at most 600');
        }
        return orders.record(slotOf(params), {
          what: "profile",
          ms: seconds * 1000,
          drain: false,
        });
      },
    ),
    post(
      "/v1/workers/:slot/heap",
      'A .heapsnapshot of a worker, which stands still meanwhile; {"drain":true} replaces it before',
      ({ params, body }) => {
        const { drain = false } = fieldsOf(body, ["drain"]);
        if (typeof drain !== "boolean") throw bad('"drain" is true or false');
        return orders.record(slotOf(params), { what: "heap", ms: 0, drain });
      },
    ),
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

/** What is asked for, by names with commas between them; all that is kept unless it is said. */
function kindsOf(
  query: URLSearchParams,
  known: readonly string[],
): readonly string[] {
  const kinds = (query.get("event") ?? "log,note").split(",");
  if (kinds.every((kind) => known.includes(kind))) return kinds;
  throw bad(`"event" is of ${known.join(", ")}`);
}

/** True for 1, false for 0. */
function flagOf(query: URLSearchParams, name: string): boolean {
  return numberOf(query, name, 1) === 1;
}

function numberOf(
  query: URLSearchParams,
  name: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  return count(query.get(name) ?? "0", name, most);
}

function count(
  text: string,
  name: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || number > most) {
    throw bad(`"${name}" is a number of at most ${most}`);
  }
  return number;
}

function slotOf({ slot = "" }: Asked["params"]): number {
  if (!/^[1-9]\d{0,8}$/.test(slot)) {
    throw new Refused(404, "no-worker", "Workers have numbers from 1 on");
  }
  return Number(slot);
}

function reloadOf(body: unknown): ReloadOptions {
  const { canary: value } = fieldsOf(body, ["canary"]);
  if (value === undefined) return {};
  const given = { value, origin: "the order" };
  const problem = problemOf("canary", given);
  if (problem !== undefined) throw bad(problem.message);
  return { canary: parseValue("canary", given) };
}

function sizeOf(body: unknown, subject: Subject): number | "auto" {
  const { to, by } = fieldsOf(body, ["to", "by"]);
  if (to === "auto" && by === undefined) {
    if (!subject.facts().ranged) {
      throw new Refused(
        409,
        "fixed",
        "The setting workers is a number: give a range for the load to decide",
      );
    }
    return to;
  }
  const size = by === undefined
    ? to
    : to === undefined && Number.isSafeInteger(by)
    ? subject.facts().wanted + (by as number)
    : undefined;
  if (!Number.isSafeInteger(size) || (size as number) > MOST_WORKERS) {
    throw bad('give "to", a number of workers or "auto", or "by", a number');
  }
  if ((size as number) < 1) throw bad("there is at least 1 worker");
  return size as number;
}

/** The fields of a body, which may be left out. @throws Refused 400 where it has others */
function fieldsOf(
  body: unknown = {},
  names: readonly string[],
): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw bad("The body is no object");
  }
  for (const name of Object.keys(body)) {
    if (!names.includes(name)) {
      throw bad("The body has a field that is unknown");
    }
  }
  return body as Record<string, unknown>;
}

function bad(message: string): Refused {
  return new Refused(400, "bad-request", message);
}
