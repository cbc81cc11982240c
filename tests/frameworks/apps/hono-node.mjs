import { serve, upgradeWebSocket } from "@hono/node-server";
import { WebSocketServer } from "ws";
import app from "./hono.mjs";

app.get(
  "/ws",
  upgradeWebSocket(() => ({
    onMessage: (event, ws) => ws.send(event.data),
  })),
);

serve({
  fetch: app.fetch,
  websocket: { server: new WebSocketServer({ noServer: true }) },
  port: 3000,
}, (info) => console.log(`Listening on http://localhost:${info.port}`));
