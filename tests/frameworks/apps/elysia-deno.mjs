import { createApp } from "./elysia.mjs";

Deno.serve({ port: 3000 }, createApp().fetch);
