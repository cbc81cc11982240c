/** The runtime's own server of TLS with the least handler, one process. Arguments: port, certificate, key. */
import { readFileSync } from "node:fs";
import process from "node:process";

interface Identity {
  readonly cert: string;
  readonly key: string;
}

interface Globals {
  Bun?: {
    serve(options: {
      fetch: () => Response;
      hostname: string;
      port: number;
      idleTimeout: number;
      tls: Identity;
    }): unknown;
  };
  Deno?: {
    serve(
      options: { hostname: string; port: number } & Identity,
      handler: () => Response,
    ): unknown;
  };
}

const [, , port = "", certfile = "", keyfile = ""] = process.argv;
const hostname = "127.0.0.1";
const identity = {
  cert: readFileSync(certfile, "utf8"),
  key: readFileSync(keyfile, "utf8"),
};
const { Bun, Deno } = globalThis as unknown as Globals;
const fetch = () => new Response("Hello World");

if (Bun !== undefined) {
  // Its most; connections are to stay.
  const idleTimeout = 255;
  Bun.serve({
    fetch,
    hostname,
    port: Number(port),
    idleTimeout,
    tls: identity,
  });
} else if (Deno !== undefined) {
  Deno.serve({ hostname, port: Number(port), ...identity }, fetch);
} else {
  const { createServer } = await import("node:https");
  const server = createServer(
    { ...identity, keepAliveTimeout: 600_000 },
    (_, response) => response.end("Hello World"),
  );
  server.listen(Number(port), hostname);
}
