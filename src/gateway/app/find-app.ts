/** Which export of the user's module is the app, and how it is called. */
import { AppError, messageOf } from "../../base/errors.ts";
import { withOnError } from "../../base/http/on-error.ts";
import type { AppPlan, Gateway } from "./app-plan.ts";
import type { ListeningServer, SocketApp } from "../../runtime/runtime.ts";
import type { App, FetchApp, Lifecycle } from "./app.ts";
import { asApp } from "./as-app.ts";
import {
  describe,
  hint,
  isObject,
  isPlain,
  listExports,
  MUST_BE,
  wrongFetch,
} from "./exports.ts";
import type { Module } from "./exports.ts";
import { isElysia, withServer } from "./elysia.ts";
import { findNear } from "./find-near.ts";
import { findSockets, isHttpServer, socketsOf } from "./find-sockets.ts";
import type { ImportBeside } from "./find-sockets.ts";
import {
  appOfOptions,
  errorOfServer,
  isServeOptions,
  unusedOf,
  unusedOfServer,
} from "./serve-options.ts";
import type { Serving } from "./serve-options.ts";

/** What the module itself does not tell. */
export type AppQuery = Omit<AppPlan, "url" | "allowListen" | "gateway"> & {
  readonly gateway: Gateway;
  /** How the runtime serves what the app exports for its server. */
  readonly serving?: Serving;
};

/**
 * Finds the app in a loaded module. `beside` loads a package that the app has.
 * @throws AppError saying what was found instead.
 */
export async function findApp(
  module: Module,
  query: AppQuery,
  beside?: ImportBeside,
): Promise<App> {
  const { value, name } = pickExport(module, query);
  const made = query.args === undefined
    ? value
    : await callFactory(value, name, query);
  const app = asOptions(made, query) ?? asApp(made, query.gateway) ??
    asNamedFetch(module, query);
  if (app !== undefined) {
    const { text } = query;
    const fetch = app.style === "fetch" ? app.call : undefined;
    const sockets = await findSockets({ module, made, fetch, text, beside });
    const served = app.style === "fetch"
      ? { ...app, call: withOwn(made, app.call) }
      : app;
    return {
      ...served,
      ...(sockets && { sockets }),
      ...findLifecycle(module, made),
      made,
    };
  }
  const subject = query.args === undefined ? name : `what ${name} returned`;
  throw new AppError(
    `Cannot use "${query.text}" as an app: ${subject} is ${describe(made)}${
      nameOther(module, query, made) || wrongFetch(made, query.gateway) ||
      nameInner(made, module, query) || hint(made, query.gateway)
    }`,
  );
}

/** The app of an export that is written for `Bun.serve`, srvx or `deno serve`. */
function asOptions(
  made: unknown,
  { gateway, serving = { runtime: "" }, text }: AppQuery,
): App | undefined {
  if (gateway === "node" || !isServeOptions(made)) return undefined;
  try {
    const call = appOfOptions(made, serving);
    return { style: "fetch", call, unused: unusedOf(made, serving) };
  } catch (cause) {
    throw new AppError(`Cannot use "${text}" as an app: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The call of a framework's object, with what its own server would do around it. */
function withOwn(made: unknown, call: FetchApp): FetchApp {
  if (isElysia(made)) return withServer(made, call);
  return withOnError(call, errorOfServer(made));
}

/** How to name another export than `made`, which looks like the app; empty where none does. */
function nameOther(
  module: Module,
  { exportName, text }: AppQuery,
  made?: unknown,
): string {
  const found = exportName === undefined ? findNear(module) : undefined;
  return found === undefined || (made !== undefined && module[found] === made)
    ? ""
    : `; name the app: ${text}:${found}`;
}

/** The same for an app in the object that was taken for it. */
function nameInner(
  value: unknown,
  module: Module,
  { exportName, args, text }: AppQuery,
): string {
  const found = isPlain(value) ? findNear(value) : undefined;
  if (found === undefined) return "";
  // What is in the default export can be named, see pickExport().
  if (exportName === undefined && value === module.default) {
    return `; name the app: ${text}:${found}`;
  }
  return `: ${args === undefined ? "export" : "return"} its ${found} itself`;
}

/** The app that a server stands for, with what its module exports beside it. @throws AppError where it speaks no HTTP/1.1 */
export function appOfServer(
  listens: ListeningServer,
  module: Module,
  { text }: Pick<AppQuery, "text">,
): App {
  const { app, asked } = listens;
  if (app === undefined) {
    throw new AppError(
      `Cannot use "${text}" as an app: its server at ${asked} speaks no HTTP/1.1`,
    );
  }
  const sockets = socketsOfServer(listens);
  const own = {
    listens,
    ...(sockets && { sockets }),
    ...findLifecycle(module, undefined),
    ...(app.style === "fetch" && { unused: unusedOfServer(app.options) }),
  };
  return app.style === "fetch"
    ? { style: "fetch", call: app.call, ...own }
    : { style: "node", call: app.call, ...own };
}

/** What serves the WebSockets of a server that listens. */
export function socketsOfServer(
  { app }: ListeningServer,
): SocketApp | undefined {
  if (app?.style === "node" && isHttpServer(app.server)) {
    return socketsOf(app.server);
  }
  const websocket = app?.style === "fetch" ? app.options.websocket : undefined;
  return isObject(websocket) && typeof websocket.message === "function"
    ? { style: "bun", handlers: websocket }
    : undefined;
}

/** Finds the export `metrics`: a function, or a registry as prom-client's, which has one. */
function findMetrics(module: Module): Lifecycle["metrics"] {
  for (const holder of [module, module.default]) {
    if (!isObject(holder)) continue;
    const { metrics } = holder as { readonly metrics?: unknown };
    if (typeof metrics === "function") return () => metrics();
    if (!isObject(metrics)) continue;
    const registry = metrics as { metrics?(): unknown };
    if (typeof registry.metrics === "function") {
      return () => registry.metrics?.();
    }
  }
  return undefined;
}

/** Finds `onStart` and `onStop`, the app's own or exports of its module, and `metrics`. */
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
  const metrics = findMetrics(module);
  return { ...found, ...(metrics && { metrics }) };
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
    if ("fetch" in module) {
      throw new AppError(
        `Cannot use "${text}" as an app: export "fetch" is ${
          describe(module.fetch)
        }${MUST_BE}`,
      );
    }
    // As the builds of frameworks export what they serve by.
    for (const name of ["listener", "handler"]) {
      const value = module[name];
      if (typeof value === "function") {
        return { value, name: `export "${name}"` };
      }
    }
    throw new AppError(
      `Cannot use "${text}" as an app: there is no default export and no export "fetch"; ${
        listExports(module)
      }${nameOther(module, { text, gateway: "auto" })}`,
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
