/** false-responses.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./false-responses.test.ts");
