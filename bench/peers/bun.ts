/** Bun's own way: one of several processes that share a port. Arguments: app, port. */
import process from "node:process";

interface BunGlobal {
  serve(options: {
    fetch: unknown;
    hostname: string;
    port: number;
    reusePort: boolean;
  }): unknown;
}

const [app = "", port = ""] = process.argv.slice(2);
const { fetch } = (await import(app)).default;

(globalThis as unknown as { Bun: BunGlobal }).Bun.serve({
  fetch,
  hostname: "127.0.0.1",
  port: Number(port),
  reusePort: true,
});
