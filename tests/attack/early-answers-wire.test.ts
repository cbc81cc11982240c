// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: early-answers.test.ts has it.
/** early-answers.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./early-answers.test.ts");
