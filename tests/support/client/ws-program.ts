/** Plays the cases of the package `ws` to the URL that it is given, and prints how many; ends with 1 where one fails. */
import { createRequire } from "node:module";
import process from "node:process";
import { wsCases } from "./ws-cases.ts";
import type { WsClass } from "./ws-cases.ts";

const WebSocket = createRequire(import.meta.url)("ws") as WsClass;

const url = process.argv[2] as string;
for (const [name, run] of Object.entries(wsCases)) {
  try {
    await run(WebSocket, url);
  } catch (error) {
    console.error(`${name}: ${(error as Error).stack}`);
    process.exit(1);
  }
}
console.log(Object.keys(wsCases).length);
// One that was left open keeps nobody waiting.
process.exit(0);
