/**
 * Server-sent events, and work that goes on after the answer.
 *
 *     corn examples/streaming.ts
 *     curl -N http://127.0.0.1:8000/events
 */
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const app = new Hono();

app.get("/events", (c) =>
  streamSSE(c, async (stream) => {
    for (let count = 1; count <= 3; count++) {
      await stream.writeSSE({ event: "count", data: String(count) });
      await stream.sleep(100);
    }
  }));

app.post("/jobs", (c) => {
  // A stopping worker waits for it, up to the graceful timeout.
  c.executionCtx.waitUntil(work());
  return c.text("accepted\n", 202);
});

async function work(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log("The job is done");
}

export default app;
