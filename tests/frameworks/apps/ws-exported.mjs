import { WebSocketServer } from "ws";
import app from "./hono.mjs";

const wss = new WebSocketServer({ noServer: true });
wss.on("connection", (ws) => {
  ws.on("error", console.error);
  ws.on("message", (data) => ws.send(data.toString()));
});

export function upgrade(request, socket, head) {
  wss.handleUpgrade(request, socket, head, (ws) => {
    wss.emit("connection", ws, request);
  });
}

export default app;
