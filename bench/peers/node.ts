/** Node's own way: node:cluster and @hono/node-server, two workers. Arguments: app, port. */
import cluster from "node:cluster";
import process from "node:process";

const [app = "", port = ""] = process.argv.slice(2);

if (cluster.isPrimary) {
  for (let worker = 0; worker < 2; worker++) cluster.fork();
} else {
  const { serve } = await import("@hono/node-server");
  const { fetch } = (await import(app)).default;
  serve({ fetch, hostname: "127.0.0.1", port: Number(port) });
}
