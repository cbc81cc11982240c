// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: descriptors.test.ts has it.
/** descriptors.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./descriptors.test.ts");
