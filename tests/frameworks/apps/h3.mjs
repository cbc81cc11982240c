import { plugin as ws } from "crossws/server";
import { defineWebSocketHandler, H3, serve } from "h3";
import { partStream, slowly } from "./parts.mjs";

const app = new H3();

app.get("/", () => "hello");
app.get("/stream", () => partStream());
app.post("/upload", async (event) => {
  const file = (await event.req.formData()).get("file");
  return String(file.size);
});
app.get("/slow", () => slowly());
app.get(
  "/ws",
  defineWebSocketHandler({
    message: (peer, message) => peer.send(message.text()),
  }),
);

serve(app, {
  port: 3000,
  plugins: [ws({ resolve: async (req) => (await app.fetch(req)).crossws })],
});
