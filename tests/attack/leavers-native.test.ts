// runtimes: node24
// On Bun and Deno the native engine is what --http auto takes: leavers.test.ts has it.
/** leavers.test.ts with Node's own engine. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./leavers.test.ts");
