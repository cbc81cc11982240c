// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: hono.test.ts has it.
/** hono.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./hono.test.ts");
