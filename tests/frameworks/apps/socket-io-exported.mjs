import { createServer } from "node:http";
import express from "express";
import { Server } from "socket.io";
import { slowly } from "./parts.mjs";

const app = express();
const server = createServer(app);
const io = new Server(server, { transports: ["websocket"] });

app.get("/", (_req, res) => {
  res.send("hello");
});
app.get("/slow", async (_req, res) => {
  res.send(await slowly());
});

io.on("connection", (socket) => {
  socket.on("chat message", (message) => socket.emit("chat message", message));
});

export default server;
