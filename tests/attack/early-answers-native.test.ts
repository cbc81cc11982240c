// runtimes: node24
// On Bun and Deno the native engine is what --http auto takes: early-answers.test.ts has it.
/** early-answers.test.ts with Node's own engine. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./early-answers.test.ts");
