// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: reload.test.ts has it.
/** reload.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./reload.test.ts");
