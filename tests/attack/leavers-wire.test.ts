// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: leavers.test.ts has it.
/** leavers.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./leavers.test.ts");
