// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: host.test.ts has it.
/** host.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./host.test.ts");
