import { upgradeWebSocket, websocket } from "hono/bun";
import app from "./hono.mjs";

app.get(
  "/ws",
  upgradeWebSocket(() => ({
    onMessage: (event, ws) => ws.send(event.data),
  })),
);

export default { port: 3000, fetch: app.fetch, websocket };
