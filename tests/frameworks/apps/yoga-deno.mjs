import { yoga } from "./yoga.mjs";

Deno.serve({ port: 4000 }, yoga.fetch);
