/** Which export of the user's module is the app, and how it is called. */
import { AppError } from "../../base/errors.ts";
import type { AppPlan } from "./app-plan.ts";
import type { App, FetchApp, Lifecycle, NodeApp } from "./app.ts";
import { describe, hint, isClass, isObject, listExports } from "./exports.ts";
import type { Module } from "./exports.ts";

/** What the module itself does not tell. */
export type AppQuery = Omit<AppPlan, "url">;

/** Finds the app in a loaded module. @throws AppError saying what was found instead. */
export async function findApp(module: Module, query: AppQuery): Promise<App> {
  const { value, name } = pickExport(module, query);
  const made = query.args === undefined
    ? value
    : await callFactory(value, name, query);
  const app = asApp(made, query.gateway) ?? asNamedFetch(module, query);
  if (app !== undefined) return { ...app, ...findLifecycle(module, made) };
  const subject = query.args === undefined ? name : `what ${name} returned`;
  const other = query.exportName === undefined
    ? nameOne(module, query.text)
    : "";
  throw new AppError(
    `Cannot use "${query.text}" as an app: ${subject} is ${describe(made)}${
      other || hint(made, query.gateway)
    }`,
  );
}

/** How to name the export that looks like the app; empty where none does. */
function nameOne(module: Module, text: string): string {
  const names = Object.keys(module).filter((name) =>
    !["default", "module.exports", "onStart", "onStop"].includes(name)
  );
  const isFunction = (name: string) =>
    typeof module[name] === "function" && !isClass(module[name]);
  // Any function of one parameter could be an app, and most are none.
  const found =
    names.find((name) =>
      !isFunction(name) && asApp(module[name], "auto") !== undefined
    ) ?? names.find((name) =>
      /^(app|server|handler|listener|default)$/i.test(name) && isFunction(name)
    );
  if (found !== undefined) return `; name the app: ${text}:${found}`;
  const factory = names.find((name) =>
    isFunction(name) && /^(create|make|build|get)?_?(app|server)$/i.test(name)
  );
  return factory === undefined ? "" : `; name the app: ${text}:${factory}()`;
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
      }${nameOne(module, text)}`,
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
