/**
 * A Hono app that gives the same answer by several routes, whichever was asked
 * for: each has its turn of a tenth of a second, at the end of which the process
 * looks at its own processor time. `GET /figures` tells what the routes took.
 */
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { timing } from "hono/timing";
import process from "node:process";

/** A route's processor time a request in microseconds, turn by turn. */
export type Figures = Readonly<Record<string, readonly number[]>>;

const none: MiddlewareHandler = (_, next) => next();
const assigned: MiddlewareHandler = async (context, next) => {
  await next();
  context.res = new Response(context.res.body, context.res);
};

function route(...handlers: MiddlewareHandler[]): Hono {
  const app = new Hono();
  for (const handler of handlers) app.use(handler);
  return app.get("/", (context) => context.text("Hello World"));
}

const apps: Readonly<Record<string, Hono>> = {
  plain: route(),
  none: route(none),
  assigned: route(assigned),
  cors: route(cors()),
  timing: route(timing()),
  etag: route(etag()),
};
/** The routes, each with its middleware's name. */
export const names: readonly string[] = Object.keys(apps);

const TURN_MS = 100;
/** Turns with fewer requests tell nothing. */
const LEAST = 20;

let figures: Record<string, number[]> = {};
let turn = 0;
let app = apps[names[0] as string] as Hono;
let answered = 0;
let before = process.cpuUsage();

setInterval(() => {
  const { user, system } = process.cpuUsage(before);
  const name = names[turn % names.length] as string;
  if (answered >= LEAST) {
    (figures[name] ??= []).push((user + system) / answered);
  }
  app = apps[names[++turn % names.length] as string] as Hono;
  answered = 0;
  before = process.cpuUsage();
}, TURN_MS).unref();

export default {
  fetch(request: Request): Response | Promise<Response> {
    if (request.url.endsWith("/figures")) {
      const told: Figures = figures;
      figures = {};
      return Response.json(told);
    }
    answered++;
    return app.fetch(request);
  },
};
