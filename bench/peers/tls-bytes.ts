/** The runtime's `node:tls` alone, one process: fixed bytes for each read, no HTTP. Arguments: port, certificate, key. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { createServer } from "node:tls";

const [, , port = "", certfile = "", keyfile = ""] = process.argv;
const body = "Hello World";
const answer = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain;charset=UTF-8\r\n" +
    `Content-Length: ${body.length}\r\n\r\n${body}`,
);
const server = createServer({
  cert: readFileSync(certfile, "utf8"),
  key: readFileSync(keyfile, "utf8"),
}, (socket) => {
  socket.on("data", () => socket.write(answer));
  socket.on("error", () => socket.destroy());
});
server.listen(Number(port), "127.0.0.1");
