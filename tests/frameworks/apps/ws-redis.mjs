import { createServer } from "node:http";
import { createClient } from "redis";
import { WebSocketServer } from "ws";

const pub = createClient({ url: process.env.REDIS_URL });
const sub = pub.duplicate();
await Promise.all([pub.connect(), sub.connect()]);

const server = createServer();
const wss = new WebSocketServer({ server });

await sub.subscribe("news", (text) => {
  for (const ws of wss.clients) ws.send(text);
});

wss.on("connection", (ws) => {
  ws.send(process.env.CORN_WORKER_ID);
  ws.on("message", (text) => pub.publish("news", String(text)));
});

server.listen(8080);
