// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: stop.test.ts has it.
/** stop.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./stop.test.ts");
