import { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { parts, slowly } from "./parts.mjs";

const fastify = Fastify({ logger: { level: "warn" } });
await fastify.register(multipart, { limits: { fileSize: 1e8 } });
await fastify.register(websocket);

fastify.get("/", () => "hello");
fastify.get("/stream", (_request, reply) => reply.send(Readable.from(parts())));
fastify.post("/upload", async (request) => {
  const file = await request.file();
  return String((await file.toBuffer()).length);
});
fastify.get("/slow", () => slowly());
fastify.get("/ws", { websocket: true }, (socket) => {
  socket.on("message", (message) => socket.send(message.toString()));
});

try {
  await fastify.listen({ port: 3000 });
} catch (error) {
  fastify.log.error(error);
  process.exit(1);
}
