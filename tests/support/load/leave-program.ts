/** The process of clients that leave. */
import { connect } from "node:net";
import process from "node:process";
import { reset, targetOf } from "../client/client.ts";
import type { LeaveOptions } from "./leave.ts";

const groups = JSON.parse(process.argv[2] ?? "") as LeaveOptions[];

const EARLY_MS = 300;

function one({ url, path, how, body, early }: LeaveOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(targetOf(url) as { host: string; port: number });
    socket.once("error", reject);
    const method = body === undefined
      ? `GET ${path} HTTP/1.1\r\n`
      : `POST ${path} HTTP/1.1\r\nContent-Length: ${2 * body}\r\n`;
    socket.write(`${method}Host: a\r\n\r\n${"a".repeat(body ?? 0)}`);
    function leave(): void {
      socket.off("error", reject);
      socket.on("error", () => {});
      socket.once("close", () => resolve());
      if (how === "fin") socket.destroy();
      else reset(socket);
    }
    // Long enough for the app to be called, at no one's cost if not.
    if (early) setTimeout(leave, EARLY_MS);
    let text = "";
    socket.on("data", (bytes) => {
      if (how === "stay") return resolve();
      text = (text + bytes.toString("latin1")).slice(0, 4096);
      if (text.indexOf("\r\n\r\n") + 4 >= text.length) return;
      leave();
    });
  });
}

await Promise.all(
  groups.flatMap((group) =>
    Array.from({ length: group.count }, () => one(group))
  ),
);
process.stdout.write("gone\n");
// The parent ends it: nothing is closed by its end that should not be.
setInterval(() => {}, 1000);
