import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const pubClient = createClient({ url: process.env.REDIS_URL });
const subClient = pubClient.duplicate();
await Promise.all([pubClient.connect(), subClient.connect()]);

const server = createServer();
const io = new Server(server, {
  adapter: createAdapter(pubClient, subClient),
  transports: ["websocket"],
});

io.on("connection", (socket) => {
  socket.emit("worker", process.env.CORN_WORKER_ID);
  socket.on("to all", (text) => io.emit("news", text));
});

server.listen(3000);
