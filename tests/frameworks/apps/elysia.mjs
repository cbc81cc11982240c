import { Elysia } from "elysia";
import { parts, slowly } from "./parts.mjs";

/** Its routes, with the adapter of a runtime where one is needed. */
export function createApp(options) {
  return new Elysia(options)
    .get("/", () => "hello")
    .get("/stream", async function* () {
      yield* parts();
    })
    .post("/upload", ({ body }) => String(body.file.size))
    .get("/slow", () => slowly())
    .ws("/ws", {
      message: (ws, message) => void ws.send(message),
    });
}
