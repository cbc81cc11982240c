// runtimes: node24
// On Node --http auto takes the wire engine: host.test.ts has that one.
/** host.test.ts with the native engine. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./host.test.ts");
