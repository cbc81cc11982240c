/** The same on the wire engine, which gives apps stand-ins of what their runtime's own server does. */
import process from "node:process";

process.env.TEST_HTTP = "wire";
await import("./websocket.test.ts");
