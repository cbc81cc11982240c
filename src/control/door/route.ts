/** What may be asked at a door, and what is answered. */

/** A request that is whole and allowed. */
export interface Asked {
  /** The words of the path that stand for `:name` in a route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** What was sent as JSON; undefined where there was no body. */
  readonly body: unknown;
  /** The value of a field, by its name in lower case. */
  field(name: string): string | undefined;
}

/** Events that one client listens to (Server-Sent Events). */
export interface EventStream {
  /** Bytes that were sent and that the client has not taken. */
  readonly unread: number;
  /** Sends one; `data` is written as JSON. Nothing where the client is gone, or has left too much unread. */
  send(event: SentEvent): void;
  /** Ends it. */
  close(): void;
}

/** One event. */
export interface SentEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: unknown;
}

/** An answer: JSON, a text of another type, or events for as long as the client listens. */
export type Reply =
  | { readonly status?: number; readonly json: unknown }
  | {
    readonly status?: number;
    /** The content-type. */
    readonly type: string;
    readonly text: string;
    /** Further fields of the head. */
    readonly fields?: Readonly<Record<string, string>>;
  }
  /** Begins to send; gives what is called once when the client has gone. */
  | { readonly events: (stream: EventStream) => () => void };

/** What may be asked for. */
export interface Route {
  /** GET also answers HEAD; what changes anything is a POST. */
  readonly method: "GET" | "POST";
  /** Such as `/v1/workers/:slot`. */
  readonly path: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** True where it is answered at once, however many wait for other answers. */
  readonly atOnce?: boolean;
  /** @throws Refused with the status to answer */
  answer(asked: Asked): Reply | Promise<Reply>;
}

/** Why a request is not done; the client is told `code`, for programs, and the message. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The route for a path, and what its `:names` stand for. @throws Refused 404, or 405 where only the method is wrong */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } {
  const allowed = new Set<string>();
  for (const route of routes) {
    const params = match(route.path, path);
    if (params === undefined) continue;
    if (route.method === (method === "HEAD" ? "GET" : method)) {
      return { route, params };
    }
    allowed.add(route.method);
  }
  if (allowed.size === 0) {
    throw new Refused(404, "not-found", "There is nothing at this path");
  }
  throw new Refused(
    405,
    "method",
    `Use ${[...allowed].join(" or ")} for this path`,
  );
}

function match(
  pattern: string,
  path: string,
): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, word] of wanted.entries()) {
    const value = given[at] as string;
    if (word.startsWith(":") && value !== "") params[word.slice(1)] = value;
    else if (word !== value) return undefined;
  }
  return params;
}
