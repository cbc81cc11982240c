// runtimes: node24
// On Bun and Deno the native engine is what --http auto takes: late-answers.test.ts has it.
/** late-answers.test.ts with Node's own server. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./late-answers.test.ts");
