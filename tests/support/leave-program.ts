/** The process of clients that leave. */
import { connect } from "node:net";
import process from "node:process";
import { targetOf } from "./client.ts";
import type { LeaveOptions } from "./leave.ts";

const { url, path, count, how } = JSON.parse(
  process.argv[2] ?? "",
) as LeaveOptions;
const target = targetOf(url) as { host: string; port: number };

function one(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    socket.once("error", reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    let text = "";
    socket.on("data", (bytes) => {
      if (how === "stay") return resolve();
      text = (text + bytes.toString("latin1")).slice(0, 4096);
      if (text.indexOf("\r\n\r\n") + 4 >= text.length) return;
      socket.off("error", reject);
      socket.on("error", () => {});
      socket.once("close", () => resolve());
      if (how === "fin") socket.destroy();
      else socket.resetAndDestroy();
    });
  });
}

await Promise.all(Array.from({ length: count }, one));
process.stdout.write("gone\n");
// The parent ends it: nothing is closed by its end that should not be.
setInterval(() => {}, 1000);
