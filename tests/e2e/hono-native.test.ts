// runtimes: node24
// On Bun and Deno the native engine is what --http auto takes: hono.test.ts has it.
/** hono.test.ts with Node's own server. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./hono.test.ts");
