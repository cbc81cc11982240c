/** An app served as its runtime does by itself, one process. Arguments: app, port. */
import process from "node:process";
import { pathToFileURL } from "node:url";

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>;

interface Globals {
  Bun?: {
    serve(options: { fetch: Fetch; hostname: string; port: number }): unknown;
  };
  Deno?: {
    serve(options: { hostname: string; port: number }, fetch: Fetch): unknown;
  };
}

const [, , path = "", number] = process.argv;
const port = Number(number);
const hostname = "127.0.0.1";
const { default: app } = await import(pathToFileURL(path).href) as {
  default: { fetch: Fetch };
};
const fetch: Fetch = (request, env) => app.fetch(request, env);
const { Bun, Deno } = globalThis as unknown as Globals;

if (Bun !== undefined) Bun.serve({ fetch, hostname, port });
else if (Deno !== undefined) Deno.serve({ hostname, port }, fetch);
else {
  const { serve } = await import("@hono/node-server");
  serve({ fetch, hostname, port });
}
