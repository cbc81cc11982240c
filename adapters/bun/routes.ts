/** The `routes` of `Bun.serve`, for a server of the app's that corn serves in its place, and for an export that Bun would serve by them. */
import { isThenable } from "../../src/base/promise.ts";

type Handler = (
  request: Request,
  server: unknown,
  context?: unknown,
) => unknown;

/** What a route has: what answers any method, or some; `false` leaves it to `fetch`. */
type Route =
  | { readonly any: Handler }
  | { readonly methods: ReadonlyMap<string, Handler> }
  | false;

interface Pattern {
  readonly regex: RegExp;
  readonly names: readonly string[];
  /** Sorts the closest first: a name before a parameter before the rest of a path. */
  readonly rank: string;
  readonly route: Route;
}

const METHODS = /^[A-Z]+$/;

/** As Bun reads one; undefined where it is no answer. */
function handlerOf(value: unknown): Handler | undefined {
  if (typeof value === "function") return value as Handler;
  // Each request has its own: a body can be read once.
  if (value instanceof Response) return () => value.clone();
  return value instanceof Blob ? () => new Response(value) : undefined;
}

function readRoute(path: string, value: unknown): Route {
  if (value === false) return false;
  const any = handlerOf(value);
  if (any !== undefined) return { any };
  const methods = new Map<string, Handler>();
  for (const [method, one] of Object.entries(value ?? {})) {
    const handler = handlerOf(one);
    if (handler === undefined || !METHODS.test(method)) {
      methods.clear();
      break;
    }
    methods.set(method, handler);
  }
  if (methods.size === 0) {
    throw new TypeError(
      `Cannot serve the route "${path}" of Bun.serve: it is no function, Response or file, nor has it one for each method (corn bundles no HTML; serve what "bun build" makes of it)`,
    );
  }
  const get = methods.get("GET");
  if (get !== undefined && !methods.has("HEAD")) methods.set("HEAD", get);
  return { methods };
}

function readPattern(path: string, route: Route): Pattern {
  const names: string[] = [];
  let rank = "";
  const parts = path.split("/").map((part) => {
    if (part === "*") {
      rank += "2";
      return ".*";
    }
    if (part.startsWith(":")) {
      rank += "1";
      names.push(part.slice(1));
      return "([^/]+)";
    }
    rank += "0";
    return part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  });
  return { regex: new RegExp(`^${parts.join("/")}$`), names, rank, route };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The path of a URL as it was sent. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return start === -1 ? "/" : url.slice(start, end === -1 ? undefined : end);
}

/** Gives a request its `params` and, where they are asked for, `cookies`; gives what adds the cookies that were set. */
function extend(
  request: Request,
  params: Readonly<Record<string, string>>,
): (answer: unknown) => unknown {
  const { Bun } = globalThis as unknown as {
    Bun: {
      CookieMap: new (text: string) => { toSetCookieHeaders(): string[] };
    };
  };
  let cookies: { toSetCookieHeaders(): string[] } | undefined;
  Object.defineProperties(request, {
    params: { value: params, configurable: true },
    cookies: {
      configurable: true,
      get: () =>
        cookies ??= new Bun.CookieMap(request.headers.get("cookie") ?? ""),
    },
  });
  return (answer) => {
    if (!(answer instanceof Response)) return answer;
    for (const line of cookies?.toSetCookieHeaders() ?? []) {
      answer.headers.append("set-cookie", line);
    }
    return answer;
  };
}

/**
 * What answers by these routes, and by `fetch` where none of them is for a
 * request. @throws TypeError for one that cannot be served
 */
export function withRoutes(
  routes: Readonly<Record<string, unknown>>,
  fetch: Handler | undefined,
): Handler {
  const exact = new Map<string, Route>();
  const patterns: Pattern[] = [];
  for (const [path, value] of Object.entries(routes)) {
    const route = readRoute(path, value);
    if (/\/[:*]/.test(path)) patterns.push(readPattern(path, route));
    else exact.set(path, route);
  }
  patterns.sort((a, b) => a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);
  const rest = fetch ?? (() => new Response(null, { status: 404 }));

  function* matches(path: string) {
    const route = exact.get(path);
    if (route !== undefined) yield { route, params: {} };
    for (const { regex, names, route } of patterns) {
      const found = regex.exec(path);
      if (found === null) continue;
      const values = names.map((name, at) =>
        [name, decode(found[at + 1] ?? "")] as const
      );
      yield { route, params: Object.fromEntries(values) };
    }
  }

  return (request, server, context) => {
    for (const { route, params } of matches(pathOf(request.url))) {
      if (route === false) break;
      const handler = "any" in route
        ? route.any
        : route.methods.get(request.method);
      if (handler === undefined) continue;
      const done = extend(request, params);
      const answer = handler(request, server);
      return isThenable(answer) ? answer.then(done) : done(answer);
    }
    return rest(request, server, context);
  };
}
