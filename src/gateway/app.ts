/** What an app is: which export of the user's module is served, and how. */
import { AppError } from "../errors.ts";
import type { HookWorker } from "../hooks/types.ts";
import type { TrailersSource } from "../wire/trailers.ts";

/** The third argument of `fetch`, as edge runtimes have it. */
export interface AppContext {
  /** Holds a drain open until the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
  /** There is nothing to pass a failure through to: does nothing. */
  passThroughOnException(): void;
  /** Always empty. */
  readonly props: Readonly<Record<string, unknown>>;
  /**
   * Sends 103 with these fields before the response (RFC 8297), such as `link`.
   * False where that is not possible: the response has begun, the client speaks
   * HTTP/1.0, or the worker serves with `Bun.serve` or `Deno.serve`.
   */
  earlyHints(headers: HeadersInit): boolean;
  /**
   * The trailers of the request (RFC 9110 section 6.5). Read the body first:
   * it resolves when the last of it came. Bun's and Deno's own servers lose them.
   */
  trailers(): Promise<Headers>;
  /**
   * Sends these fields after the body of the response (RFC 9110 section 6.5),
   * which is sent in chunks then: values, or functions that give them once the
   * body has ended. False where nobody would read them: the client did not say
   * `TE: trailers`, the response has begun, the request is a HEAD, or the
   * worker serves with its runtime's own server.
   * @throws TypeError for fields that must stand before the body
   */
  sendTrailers(fields: TrailersSource): boolean;
}

/** A web-standard app. */
export type FetchApp = (
  request: Request,
  env: unknown,
  context: AppContext,
) => unknown;

/** A Node listener: `(req, res)`. */
export type NodeApp = (incoming: unknown, outgoing: unknown) => unknown;

/** What an app may export beside itself. */
export interface Lifecycle {
  /** Called before the worker is ready; what it throws fails the boot. */
  readonly onStart?: (worker: HookWorker) => unknown;
  /** Called when the worker has answered all requests and is to exit. */
  readonly onStop?: (worker: HookWorker) => unknown;
}

/** The user's app, ready to be called. */
export type App =
  & (
    | { readonly style: "fetch"; readonly call: FetchApp }
    | { readonly style: "node"; readonly call: NodeApp }
  )
  & Lifecycle;

/** What to look for in a module. */
export interface AppQuery {
  /** The app as it was asked for, for messages. */
  readonly text: string;
  /** The export, where one was named. */
  readonly exportName?: string;
  /** Arguments to call it with; undefined to take it as it is. */
  readonly args?: readonly unknown[];
  /** `auto` decides a function by its parameters. */
  readonly gateway: "auto" | "fetch" | "node";
}

type Module = Readonly<Record<string, unknown>>;

/** Finds the app in a loaded module. @throws AppError saying what was found instead. */
export async function findApp(module: Module, query: AppQuery): Promise<App> {
  const { value, name } = pickExport(module, query);
  const made = query.args === undefined
    ? value
    : await callFactory(value, name, query);
  const app = asApp(made, query.gateway) ?? asNamedFetch(module, query);
  if (app !== undefined) return { ...app, ...findLifecycle(module, made) };
  const subject = query.args === undefined ? name : `what ${name} returned`;
  throw new AppError(
    `Cannot use "${query.text}" as an app: ${subject} is ${describe(made)}${
      hint(made, query)
    }`,
  );
}

/** Finds `onStart` and `onStop`: the app's own, or exports of its module. */
function findLifecycle(module: Module, app: unknown): Lifecycle {
  const holders = [app, module, module.default];
  const found: Record<string, unknown> = {};
  for (const name of ["onStart", "onStop"]) {
    for (const holder of holders) {
      if (!isObject(holder) && typeof holder !== "function") continue;
      const run = (holder as Record<string, unknown>)[name];
      if (typeof run !== "function") continue;
      found[name] = run.bind(holder === module ? undefined : holder);
      break;
    }
  }
  return found;
}

function pickExport(
  module: Module,
  { exportName, text }: AppQuery,
): { value: unknown; name: string } {
  if (exportName !== undefined) {
    if (exportName in module) {
      return { value: module[exportName], name: `export "${exportName}"` };
    }
    // A CommonJS module has everything in its default export.
    const inner = module.default;
    if (isObject(inner) && exportName in inner) {
      return { value: inner[exportName], name: `export "${exportName}"` };
    }
    throw new AppError(
      `Cannot find "${exportName}" in "${text}": ${listExports(module)}`,
    );
  }
  if (!("default" in module)) {
    if (typeof module.fetch === "function") {
      return { value: module.fetch, name: 'export "fetch"' };
    }
    throw new AppError(
      `Cannot use "${text}" as an app: there is no default export and no export "fetch"; ${
        listExports(module)
      }`,
    );
  }
  const value = module.default;
  // CommonJS that was compiled from a module keeps its default one level down.
  const unwrapped =
    isObject(value) && value.__esModule === true && "default" in value
      ? value.default
      : value;
  return { value: unwrapped, name: "default export" };
}

async function callFactory(
  factory: unknown,
  name: string,
  { text, args = [] }: AppQuery,
): Promise<unknown> {
  if (typeof factory !== "function") {
    throw new AppError(
      `Cannot call ${name} of "${text}": it is ${
        describe(factory)
      }, not a function`,
    );
  }
  try {
    return await factory(...args);
  } catch (cause) {
    throw new AppError(`Cannot make the app: ${name} of "${text}" threw`, {
      cause,
    });
  }
}

function asApp(value: unknown, gateway: AppQuery["gateway"]): App | undefined {
  if (
    gateway !== "node" && isObject(value) && typeof value.fetch === "function"
  ) {
    const app = value as { fetch: FetchApp };
    return {
      style: "fetch",
      call: (request, env, context) => app.fetch(request, env, context),
    };
  }
  if (typeof value !== "function" || isClass(value)) return undefined;
  const style = gateway === "auto"
    ? styleOf(value as (...args: never[]) => unknown)
    : gateway;
  if (style === undefined) return undefined;
  return style === "fetch" ? { style, call: value as FetchApp } : {
    style,
    call: (incoming, outgoing) => (value as NodeApp)(incoming, outgoing),
  };
}

/** A default export that is no app may stand beside a named `fetch`. */
function asNamedFetch(
  module: Module,
  { exportName, args, gateway }: AppQuery,
): App | undefined {
  if (
    exportName !== undefined || args !== undefined || gateway === "node" ||
    typeof module.fetch !== "function"
  ) return undefined;
  return asApp(module.fetch, "fetch");
}

/** Tells `(request, env, ctx)` from `(req, res, next)` by the parameters; undefined where both could be. */
function styleOf(
  app: (...args: never[]) => unknown,
): "fetch" | "node" | undefined {
  if (app.length < 2) return "fetch";
  const second = parameters(app)[1] ?? "";
  if (/^_*(res|response|outgoing|reply)$/i.test(second)) return "node";
  if (
    /^_*(env|environment|bindings|info|server|c|ctx|context)$/i.test(second)
  ) return "fetch";
  return undefined;
}

function parameters(app: (...args: never[]) => unknown): string[] {
  const source = Function.prototype.toString.call(app);
  const list = /^[^(]*\(([^)]*)\)/.exec(source)?.[1] ?? "";
  return list.split(",").map((parameter) =>
    /[\w$]+/.exec(parameter)?.[0] ?? ""
  );
}

/** A class cannot be called: it would fail at each request. */
function isClass(value: unknown): value is { readonly name: string } {
  return typeof value === "function" &&
    /^class\b/.test(Function.prototype.toString.call(value));
}

function hint(value: unknown, query: AppQuery): string {
  if (isClass(value)) return `: export an object of it, new ${value.name}()`;
  if (value instanceof Promise) {
    return ": export what it resolves to, with await";
  }
  if (typeof value === "function") {
    return " whose names leave open whether it is (request, env) or (req, res): say --gateway fetch or --gateway node";
  }
  if (
    isObject(value) && query.gateway === "node" &&
    typeof value.fetch === "function"
  ) {
    return ": leave out --gateway node";
  }
  if (isObject(value) && typeof value.callback === "function") {
    return ": export app.callback(), as Koa apps do";
  }
  if (
    isObject(value) && typeof value.routing === "function" &&
    typeof value.ready === "function"
  ) {
    return ": export app.routing after await app.ready(), as Fastify apps do";
  }
  return ": export an object with fetch(request), a function (request) => Response or a Node listener (req, res)";
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isClass(value)) return `the class ${value.name}`;
  if (typeof value === "function") {
    return `a function of ${value.length} parameters`;
  }
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  if (typeof value !== "object") return `the ${typeof value} ${String(value)}`;
  const keys = Object.keys(value);
  const name = value.constructor?.name ?? "Object";
  if (name === "Object") {
    return `an object with ${keys.slice(0, 5).join(", ") || "no keys"}`;
  }
  const article = /^[AEIOU]/.test(name) ? "an" : "a";
  const fetches = typeof (value as { fetch?: unknown }).fetch === "function";
  return `${article} ${name} ${fetches ? "with" : "without"} fetch`;
}

function listExports(module: Module): string {
  const names = Object.keys(module).filter((name) =>
    name !== "__esModule" && name !== "module.exports"
  );
  return names.length === 0
    ? "it exports nothing"
    : `its exports are ${names.map((name) => `"${name}"`).join(", ")}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) ||
    typeof value === "function";
}
