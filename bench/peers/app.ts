/**
 * An app served as its runtime does by itself, one process. Arguments: app, port
 * and, for a server that asks each request for its Host and URL, "asking".
 */
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

const [, , path = "", number, asking] = process.argv;
const port = Number(number);
const hostname = "127.0.0.1";
const { default: app } = await import(pathToFileURL(path).href) as {
  default: { fetch: Fetch };
};
let asked = 0;
function ask({ headers, url }: Request): void {
  // Something is done with it, or a compiler could leave it out.
  asked += (headers.get("host")?.length ?? 0) + url.length;
}
const fetch: Fetch = asking === undefined
  ? (request, env) => app.fetch(request, env)
  : (request, env) => {
    ask(request);
    return app.fetch(request, env);
  };
const { Bun, Deno } = globalThis as unknown as Globals;

if (Bun !== undefined) Bun.serve({ fetch, hostname, port });
else if (Deno !== undefined) Deno.serve({ hostname, port }, fetch);
else {
  const { serve } = await import("@hono/node-server");
  serve({ fetch, hostname, port });
}
