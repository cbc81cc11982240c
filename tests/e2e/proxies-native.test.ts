// runtimes: node24
// On Node --http auto takes the wire engine: proxies.test.ts has that one.
/** proxies.test.ts with the native engine. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./proxies.test.ts");
