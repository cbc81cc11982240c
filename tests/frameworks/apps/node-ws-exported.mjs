import { createNodeWebSocket } from "@hono/node-ws";
import app from "./hono.mjs";

export const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({
  app,
});

app.get(
  "/ws",
  upgradeWebSocket(() => ({
    onMessage: (event, ws) => ws.send(event.data),
  })),
);

export default app;
