// runtimes: node24, bun
// Deno.serve takes minutes for a body in a million pieces: see DENO-TINY-CHUNKS in docs/runtimes.md.
/** tiny-chunks.test.ts with the runtime's own server, where the body has a limit. */
import process from "node:process";

process.env.TEST_HTTP = "native";
await import("./tiny-chunks.test.ts");
