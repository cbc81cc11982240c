/**
 * Fastify 5: after `ready()`, `app.routing` is the Node listener.
 *
 *     corn examples/fastify.ts
 */
import fastify from "fastify";

const app = fastify();

app.get("/", () => ({ hello: "Fastify" }));

app.post("/echo", (request) => request.body);

app.get("/error", () => {
  throw new Error("thrown in Fastify");
});

await app.ready();

export default app.routing;
