import { createApp } from "./elysia.mjs";

createApp().listen(3000);
