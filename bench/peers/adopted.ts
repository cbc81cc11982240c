/**
 * The runtime's native server, on a socket of its own or on one that it adopted.
 * Arguments: `own` or `adopted`, port.
 */
import process from "node:process";
import { adopt } from "../../adapters/swap/adopt.ts";
import { listen } from "../../adapters/libc/listen.ts";

interface Servers {
  Bun?: {
    serve(options: {
      fetch: () => Response;
      hostname: string;
      port: number;
    }): { port: number };
  };
  Deno?: {
    serve(
      options: { hostname: string; port: number; onListen(): void },
      fetch: () => Response,
    ): { addr: { port: number } };
  };
}

const BACKLOG = 2048;
const { Bun, Deno } = globalThis as unknown as Servers;
const [mode = "", port = ""] = process.argv.slice(2);
const hostname = "127.0.0.1";
const fetch = () => new Response("Hello World");

/** Starts the native server and gives its port. */
function serve(port: number): number {
  if (Bun !== undefined) return Bun.serve({ fetch, hostname, port }).port;
  return Deno!.serve({ hostname, port, onListen() {} }, fetch).addr.port;
}

if (mode === "own") {
  serve(Number(port));
} else {
  const { loadLibc } = Bun !== undefined
    ? await import("../../adapters/bun/ffi.ts")
    : await import("../../adapters/deno/ffi.ts");
  const libc = await loadLibc();
  if (libc === undefined) throw new Error("Cannot adopt a socket without libc");
  const { queues: [descriptor = -1] } = await listen(
    libc,
    { kind: "tcp", host: hostname, port: Number(port) },
    { queues: 1, reusePort: false, backlog: BACKLOG, unixMode: 0o600 },
  );
  const throwaway = { kind: "tcp", host: hostname, port: serve(0) } as const;
  adopt({ libc, descriptor, backlog: BACKLOG, throwaway });
}
