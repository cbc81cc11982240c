import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { parts, slowly } from "./parts.mjs";

const server = createServer(async (req, res) => {
  switch (req.url) {
    case "/":
      return res.end("hello");
    case "/stream":
      for await (const part of parts()) res.write(part);
      return res.end();
    case "/upload": {
      let size = 0;
      for await (const chunk of req) size += chunk.length;
      return res.end(String(size));
    }
    case "/slow":
      return res.end(await slowly());
  }
  res.writeHead(404).end();
});

const wss = new WebSocketServer({ server });
wss.on("connection", (ws) => {
  ws.on("error", console.error);
  ws.on("message", (data) => ws.send(data.toString()));
});

server.listen(8080);
