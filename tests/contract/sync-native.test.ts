// runtimes: node24, node26
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./sync.test.ts");
