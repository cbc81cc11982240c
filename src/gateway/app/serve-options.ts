/** What an app exports beside its fetch for the server that would take it elsewhere: `Bun.serve`, srvx, `deno serve`. */
import { AppError } from "../../base/errors.ts";
import { withOnError } from "../../base/http/on-error.ts";
import type { WithRoutes } from "../../runtime/serving.ts";
import type { FetchApp, Unused } from "./app.ts";
import { isClass, isObject, isPlain } from "./exports.ts";

type Options = Readonly<Record<string, unknown>>;

/** How the runtime serves them. */
export interface Serving {
  readonly runtime: string;
  /** Serves the routes of `Bun.serve`; left out elsewhere. */
  readonly withRoutes?: WithRoutes | undefined;
}

/** A middleware of srvx. */
type Middleware = (request: Request, next: () => unknown) => unknown;

/** Members that corn has another word for, and that word. */
const UNUSED: Readonly<Record<string, string>> = {
  port: "--bind",
  hostname: "--bind",
  unix: "--bind",
  reusePort: "--reuse-port",
  tcpBacklog: "--backlog",
  idleTimeout: "--keep-alive",
  maxRequestBodySize: "--limit-request-body",
  trustProxy: "--forwarded-allow-ips",
  gracefulShutdown: "--graceful-timeout",
  tls: "the proxy's",
  cert: "the proxy's",
  protocol: "the proxy's",
  automaticCompression: "the proxy's",
  development: "",
  id: "",
  onListen: "",
};

/** Those that an app may rely on. */
const GRAVE: readonly string[] = [
  ...["tls", "cert", "maxRequestBodySize", "trustProxy", "routes"],
];

/** What the line of a server that listens tells already, or what corn does for it. */
const TOLD: readonly string[] = [
  ...["port", "hostname", "unix", "tls", "cert", "protocol"],
  ...["id", "onListen", "routes"],
];

/** True for an object of such members, which no instance of a framework's class is. */
export function isServeOptions(value: unknown): value is Options {
  if (!isPlain(value) || isClass(value.fetch)) return false;
  return value.fetch === undefined
    ? isObject(value.routes)
    : typeof value.fetch === "function";
}

/** The app of an export, with its `error`, `routes`, `middleware` and `plugins`. @throws AppError, TypeError for what cannot be served */
export function appOfOptions(given: Options, serving: Serving): FetchApp {
  const { plugins } = given;
  if (!Array.isArray(plugins) || plugins.length === 0) {
    return callOf(given, serving);
  }
  // As srvx does: they change the options of the server that they are given.
  const { middleware } = given;
  const options: Record<string, unknown> = {
    ...given,
    middleware: Array.isArray(middleware) ? [...middleware] : [],
  };
  const server = {
    options,
    runtime: serving.runtime,
    fetch: (request: Request) =>
      callOf(options, serving)(request, undefined, undefined as never),
    ready: () => Promise.resolve(server),
  };
  for (const plugin of plugins) plugin(server);
  return callOf(options, serving);
}

/** The error handler of a server of srvx that does not listen, which leaves it to Bun and Deno to call it; undefined where there is none. */
export function errorOfServer(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  const { options, serve, fetch, runtime } = value;
  return isObject(options) && typeof serve === "function" &&
      typeof fetch === "function" && typeof runtime === "string"
    ? options.error
    : undefined;
}

function callOf(options: Options, { withRoutes }: Serving): FetchApp {
  const { fetch, routes, error, middleware } = options as {
    fetch?: FetchApp;
    routes?: unknown;
    error?: unknown;
    middleware?: unknown;
  };
  const plain: FetchApp | undefined = fetch &&
    ((request, env, context) =>
      (options as { fetch: FetchApp }).fetch(request, env, context));
  const served = isObject(routes) && withRoutes
    ? withRoutes(routes, plain as ReturnType<WithRoutes> | undefined)
    : plain;
  if (served === undefined) {
    throw new AppError(
      'its "routes" are served on Bun alone, give --runtime bun or a fetch beside them',
    );
  }
  let call = served as FetchApp;
  if (Array.isArray(middleware)) {
    for (const one of middleware.toReversed()) call = around(one, call);
  }
  return withOnError(call, error);
}

function around(middleware: Middleware, inner: FetchApp): FetchApp {
  return (request, env, context) =>
    middleware(request, () => inner(request, env, context));
}

/** Names what is not used of the export; undefined where all of it is. */
export function unusedOf(
  options: Options,
  { withRoutes }: Pick<Serving, "withRoutes">,
): Unused | undefined {
  return name(options, {
    ...(withRoutes === undefined && { routes: "--runtime bun" }),
    ...UNUSED,
  });
}

/** The same of what a server was told that listens itself. */
export function unusedOfServer(options: Options): Unused | undefined {
  const left = Object.entries(UNUSED).filter(([name]) => !TOLD.includes(name));
  return name(options, Object.fromEntries(left));
}

function name(
  options: Options,
  words: Readonly<Record<string, string>>,
): Unused | undefined {
  const given = Object.entries(words).filter(([name]) => {
    const value = options[name];
    return value !== undefined && value !== null && value !== false;
  });
  if (given.length === 0) return undefined;
  const text = given.map(([name, word]) => word ? `${name} (${word})` : name);
  return {
    text: text.join(", "),
    grave: given.some(([name]) => GRAVE.includes(name)),
  };
}
