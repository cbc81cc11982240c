import { node } from "@elysiajs/node";
import { createApp } from "./elysia.mjs";

createApp({ adapter: node() }).listen(3000);
