/** A Hono app with what apps do: routes, JSON, streams, bodies. */
import { Hono } from "hono";

const rows = Array.from({ length: 200 }, (_, id) => ({
  id,
  name: `Row number ${id}`,
  even: id % 2 === 0,
}));
const part = new Uint8Array(64 * 1024).fill(99);

const app: Hono = new Hono();

app.get("/", (context) => context.text("Hello World"));

app.get("/route/:id", (context) => {
  context.header("x-powered-by", "bench");
  const { id } = context.req.param();
  return context.text(
    `${id} ${context.req.query("name")} ${context.req.header("accept")}`,
  );
});

app.get("/json", (context) => context.json(rows));

app.get("/stream", () => {
  let left = 16;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (left-- === 0) controller.close();
        // Some runtimes take the memory of what they are given.
        else controller.enqueue(part.slice());
      },
    }),
  );
});

app.post("/post", async (context) => {
  const body = await context.req.arrayBuffer();
  return context.text(String(body.byteLength));
});

export default app;
