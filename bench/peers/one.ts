/** The runtime's own server with the least handler, one process. Argument: port. */
import process from "node:process";

interface Globals {
  Bun?: {
    serve(options: {
      fetch: () => Response;
      hostname: string;
      port: number;
    }): unknown;
  };
  Deno?: {
    serve(
      options: { hostname: string; port: number },
      handler: () => Response,
    ): unknown;
  };
}

const port = Number(process.argv[2]);
const hostname = "127.0.0.1";
const { Bun, Deno } = globalThis as unknown as Globals;
const fetch = () => new Response("Hello World");

if (Bun !== undefined) Bun.serve({ fetch, hostname, port });
else if (Deno !== undefined) Deno.serve({ hostname, port }, fetch);
else {
  const { createServer } = await import("node:http");
  createServer((_, response) => response.end("Hello World")).listen(
    port,
    hostname,
  );
}
