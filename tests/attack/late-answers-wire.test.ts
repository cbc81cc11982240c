// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: late-answers.test.ts has it.
/** late-answers.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./late-answers.test.ts");
