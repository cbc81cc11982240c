import { serve } from "srvx";
import { partStream, sizeIn, slowly } from "./parts.mjs";

const server = serve({
  port: 3000,
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

await server.ready();
console.log(`Server ready at ${server.url}`);
