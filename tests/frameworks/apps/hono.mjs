import { Hono } from "hono";
import { stream } from "hono/streaming";
import { parts, slowly } from "./parts.mjs";

const app = new Hono();

app.get("/", (c) => c.text("hello"));
app.get("/stream", (c) =>
  stream(c, async (stream) => {
    for await (const part of parts()) await stream.write(part);
  }));
app.post("/upload", async (c) => {
  const { file } = await c.req.parseBody();
  return c.text(String(file.size));
});
app.get("/slow", async (c) => c.text(await slowly()));

export default app;
