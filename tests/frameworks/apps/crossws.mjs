import { serve } from "crossws/server";
import { partStream, sizeIn, slowly } from "./parts.mjs";

serve({
  port: 3000,
  websocket: {
    message: (peer, message) => peer.send(message.text()),
  },
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/":
        return new Response("hello");
      case "/stream":
        return new Response(partStream());
      case "/upload":
        return new Response(await sizeIn(request));
      case "/slow":
        return new Response(await slowly());
    }
    return new Response("not found", { status: 404 });
  },
});
