import { createServer } from "node:http";
import { Server } from "socket.io";
import { listenTo, OPTIONS } from "./socket-io-events.mjs";

const server = createServer((_req, res) => res.end("hello"));
const io = new Server(server, {
  ...OPTIONS,
  allowRequest: (req, answer) => answer(null, !req.url.includes("stranger")),
});
listenTo(io);
server.listen(3000);
