/** redirect-https.test.ts with the wire engine. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./redirect-https.test.ts");
