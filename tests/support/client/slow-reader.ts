/**
 * A client that reads slowly, in a process of its own on Node: Bun's sockets
 * read on while they are paused (1.4.5). Its arguments are where to connect, as
 * JSON, and how often it reads in milliseconds: a byte, or with `part` what the
 * kernel gives at once.
 */
import { connect } from "node:net";
import type { NetConnectOpts } from "node:net";
import process from "node:process";

const [target = "{}", everyMs = "50", size] = process.argv.slice(2);
const options: NetConnectOpts & { highWaterMark: number } = {
  ...JSON.parse(target),
  // It takes nothing from the kernel while there is a byte.
  highWaterMark: 1,
};
const socket = connect(options);
socket.on("error", () => process.exit());
socket.on("close", () => process.exit());
socket.pause();
socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

if (size === "part") {
  socket.on("data", () => socket.pause());
  setInterval(() => socket.resume(), Number(everyMs));
} else {
  setInterval(() => socket.read(1), Number(everyMs));
}
