import { Readable } from "node:stream";
import Hapi from "@hapi/hapi";
import { parts, slowly } from "./parts.mjs";

const server = Hapi.server({ port: 3000, host: "localhost" });

server.route({ method: "GET", path: "/", handler: () => "hello" });
server.route({
  method: "GET",
  path: "/stream",
  handler: (_request, h) =>
    h.response(Readable.from(parts(), { objectMode: false })),
});
server.route({
  method: "POST",
  path: "/upload",
  options: { payload: { multipart: true, maxBytes: 10_000_000 } },
  handler: ({ payload }) => String(payload.file.length),
});
server.route({ method: "GET", path: "/slow", handler: slowly });

await server.start();
console.log("Server running on %s", server.info.uri);
