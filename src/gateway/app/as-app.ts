/** How a value is called as an app. */
import type { Gateway } from "./app-plan.ts";
import type { App, FetchApp, NodeApp } from "./app.ts";
import { isClass, isObject } from "./exports.ts";
import { isHttpServer } from "./find-sockets.ts";

/** An app that can be called; undefined where the value is none. */
export function asApp(
  value: unknown,
  gateway: Gateway,
): App | undefined {
  if (
    gateway !== "node" && isObject(value) &&
    typeof value.fetch === "function" && !isClass(value.fetch)
  ) {
    const app = value as { fetch: FetchApp };
    return {
      style: "fetch",
      call: (request, env, context) => app.fetch(request, env, context),
    };
  }
  // A server of node:http that does not listen itself has its listeners.
  if (gateway !== "fetch" && isHttpServer(value)) {
    return {
      style: "node",
      call(incoming, outgoing) {
        value.emit("request", incoming, outgoing);
      },
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

/** Tells `(request, env, ctx)` from `(req, res, next)` by the parameters; undefined where both could be. */
function styleOf(
  app: (...args: never[]) => unknown,
): "fetch" | "node" | undefined {
  // (...args), as a wrapper of either has it.
  if (app.length === 0 && /^\.{3}/.test(parameterList(app))) return undefined;
  if (app.length < 2) return "fetch";
  const second = parameters(app)[1] ?? "";
  if (/^_*(?:node_?)?(res|response|outgoing|reply)$/i.test(second)) {
    return "node";
  }
  if (
    /^_*(env|environment|bindings|info|server|c|ctx|context)$/i.test(second)
  ) return "fetch";
  return undefined;
}

/** What stands between a function's parentheses. */
function parameterList(app: (...args: never[]) => unknown): string {
  const source = Function.prototype.toString.call(app);
  return /^[^(]*\(\s*([^)]*)\)/.exec(source)?.[1] ?? "";
}

function parameters(app: (...args: never[]) => unknown): string[] {
  return parameterList(app).split(",").map((parameter) =>
    /[\w$]+/.exec(parameter)?.[0] ?? ""
  );
}
