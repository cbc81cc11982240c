/** What a module's exports are, for the error where none is an app. */
import { isThenable } from "../../base/promise.ts";
import type { Gateway } from "./app-plan.ts";

/** A loaded module. */
export type Module = Readonly<Record<string, unknown>>;

/** A class cannot be called: it would fail at each request. */
export function isClass(value: unknown): value is { readonly name: string } {
  return typeof value === "function" &&
    /^class\b/.test(Function.prototype.toString.call(value));
}

/** What the fetch of an app is. */
export const MUST_BE = ", it must be a function (request) => Response";

/** Says why the fetch of an object cannot be called; undefined where it has none. */
export function wrongFetch(
  value: unknown,
  gateway: Gateway,
): string | undefined {
  if (gateway === "node" || typeof value !== "object" || value === null) {
    return undefined;
  }
  const { fetch } = value as { fetch?: unknown };
  return "fetch" in value
    ? `: its fetch is ${describe(fetch)}${MUST_BE}`
    : undefined;
}

/** What to do about an export that is no app. */
export function hint(
  value: unknown,
  gateway: Gateway,
): string {
  if (isClass(value)) return `: export an object of it, new ${value.name}()`;
  if (isThenable(value)) {
    return ": export what it resolves to, with await";
  }
  if (typeof value === "function") {
    return " whose names leave open whether it is (request, env) or (req, res): say --gateway fetch or --gateway node";
  }
  if (
    isObject(value) && gateway === "node" &&
    typeof value.fetch === "function"
  ) {
    return ": leave out --gateway node";
  }
  if (isObject(value) && Array.isArray(value.apps)) {
    return ": it lists apps, as PM2's ecosystem file does; here each is a corn of its own: name its script, as in corn server.js --workers 2";
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

/** What a value is, in words. */
export function describe(value: unknown): string {
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
  return `${article} ${name} ${"fetch" in value ? "with" : "without"} fetch`;
}

/** Names what a module exports. */
export function listExports(module: Module): string {
  const names = Object.keys(module).filter((name) =>
    name !== "__esModule" && name !== "module.exports"
  );
  return names.length === 0
    ? "it exports nothing"
    : `its exports are ${names.map((name) => `"${name}"`).join(", ")}`;
}

/** True for what has properties: a function too. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) ||
    typeof value === "function";
}

/** True for an object literal. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
