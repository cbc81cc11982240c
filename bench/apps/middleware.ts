/** A Hono app that gives one answer behind the middleware that `ROUTE` of the environment names. */
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { timing } from "hono/timing";
import process from "node:process";

const none: MiddlewareHandler = (_, next) => next();
const assigned: MiddlewareHandler = async (context, next) => {
  await next();
  context.res = new Response(context.res.body, context.res);
};

const handlers: Readonly<Record<string, readonly MiddlewareHandler[]>> = {
  plain: [],
  none: [none],
  assigned: [assigned],
  cors: [cors()],
  timing: [timing()],
  etag: [etag()],
};

/** The routes, each with its middleware's name. */
export const names: readonly string[] = Object.keys(handlers);

/** @throws RangeError for a name that is none of `names` */
export function appOf(name: string): Hono {
  const chosen = handlers[name];
  if (chosen === undefined) throw new RangeError(`Unknown route: "${name}"`);
  const app = new Hono();
  for (const handler of chosen) app.use(handler);
  return app.get("/", (context) => context.text("Hello World"));
}

export default appOf(process.env.ROUTE ?? "plain");
