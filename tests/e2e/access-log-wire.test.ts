// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: access-log.test.ts has it.
/** access-log.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./access-log.test.ts");
