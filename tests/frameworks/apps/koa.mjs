import { Readable } from "node:stream";
import Koa from "koa";
import { WebSocketServer } from "ws";
import { parts, slowly } from "./parts.mjs";

const app = new Koa();

app.use(async (ctx) => {
  switch (ctx.path) {
    case "/":
      ctx.body = "hello";
      break;
    case "/stream":
      ctx.body = Readable.from(parts());
      break;
    case "/upload": {
      let size = 0;
      for await (const chunk of ctx.req) size += chunk.length;
      ctx.body = String(size);
      break;
    }
    case "/slow":
      ctx.body = await slowly();
  }
});

const server = app.listen(3000);

const wss = new WebSocketServer({ server });
wss.on("connection", (ws) => {
  ws.on("message", (data) => ws.send(data.toString()));
});
