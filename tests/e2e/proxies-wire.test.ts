// runtimes: bun, deno
// On Node the wire engine is what --http auto takes: proxies.test.ts has it.
/** proxies.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./proxies.test.ts");
