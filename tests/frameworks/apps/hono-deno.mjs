import { upgradeWebSocket } from "hono/deno";
import app from "./hono.mjs";

app.get(
  "/ws",
  upgradeWebSocket(() => ({
    onMessage: (event, ws) => ws.send(event.data),
  })),
);

Deno.serve({ port: 3000 }, app.fetch);
