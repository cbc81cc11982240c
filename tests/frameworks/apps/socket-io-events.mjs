/** What the servers of Socket.IO have that are asked for all that its clients do. */
import process from "node:process";

export const OPTIONS = {
  pingInterval: 500,
  pingTimeout: 10_000,
  maxHttpBufferSize: 300_000,
  connectionStateRecovery: {},
  cors: { origin: "http://elsewhere.example", credentials: true },
};

export function listenTo(io) {
  io.on("connection", (socket) => {
    const { address, auth, headers, query } = socket.handshake;
    socket.emit("greeting", {
      ...{ address, auth, query, recovered: socket.recovered },
      ...{ agent: headers["x-agent"], pid: process.pid },
    });
    socket.on("echo", (...args) => {
      const answer = args.pop();
      if (typeof answer === "function") answer(...args);
      else socket.emit("echo", ...args, answer);
    });
    socket.on("ask me", async (answer) => {
      answer(await socket.timeout(10_000).emitWithAck("question", "who"));
    });
    socket.on("join", (room, answer) => {
      socket.join(room);
      answer([...socket.rooms].includes(room));
    });
    socket.on("say", (room, text) => socket.to(room).emit("said", text));
    socket.on(
      "say soon",
      (text) => setTimeout(() => io.emit("said", text), 300),
    );
    socket.on(
      "count",
      (room, answer) => answer(io.sockets.adapter.rooms.get(room)?.size ?? 0),
    );
    socket.on("flood", (count) => {
      for (let at = 0; at < count; at++) socket.emit("drop", at);
      socket.volatile.emit("end of flood");
    });
    socket.on("leave me", () => socket.disconnect());
  });
  const admin = io.of("/admin");
  admin.use((socket, next) => {
    if (socket.handshake.auth.token === "secret") return next();
    next(
      Object.assign(new Error("not authorized"), { data: { why: "token" } }),
    );
  });
  admin.on("connection", (socket) => socket.emit("welcome"));
  io.of(/^\/room-\d+$/).on("connection", (socket) => {
    socket.emit("name", socket.nsp.name);
  });
}
