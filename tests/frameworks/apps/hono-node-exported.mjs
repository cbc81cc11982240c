import { upgradeWebSocket } from "@hono/node-server";
import { WebSocketServer } from "ws";
import app from "./hono.mjs";

app.get(
  "/ws",
  upgradeWebSocket(() => ({
    onMessage: (event, ws) => ws.send(event.data),
  })),
);

export default {
  fetch: app.fetch,
  websocket: { server: new WebSocketServer({ noServer: true }) },
};
