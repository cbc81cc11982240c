/** The process of clients that upload. */
import { connect } from "node:net";
import { Buffer } from "node:buffer";
import process from "node:process";
import { targetOf } from "../client/client.ts";
import type { UploadOptions } from "./upload.ts";

/** Uploads at once: more would only wait for a processor. */
const AT_ONCE = 2;
const PIECE = 64 * 1024;

const { url, path, size, chunked, count } = JSON.parse(
  process.argv[2] ?? "",
) as UploadOptions;
const target = targetOf(url) as { host: string; port: number };
/** One piece as it is sent, made once: the memory of all of them costs more than sending them. */
const pieces = new Map<number, Buffer>();
function pieceOf(length: number): Buffer {
  const known = pieces.get(length);
  if (known !== undefined) return known;
  const text = "a".repeat(length);
  const made = Buffer.from(
    chunked ? `${length.toString(16)}\r\n${text}\r\n` : text,
  );
  pieces.set(length, made);
  return made;
}
const statuses: Record<string, number> = {};
let closes = 0;

function one(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, allowHalfOpen: true });
    let text = "";
    function done(): void {
      socket.destroy();
      const [, status = "lost"] = /^HTTP\/1\.1 (\d+)[^]*\r\n\r\n/.exec(text) ??
        [];
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (/\r\nconnection: close\r\n/i.test(text)) closes++;
      resolve();
    }
    socket.once("error", done);
    // Nothing is read before all was written.
    socket.pause();
    const framing = chunked
      ? "Transfer-Encoding: chunked"
      : `Content-Length: ${size}`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
    for (let sent = 0; sent < size; sent += PIECE) {
      socket.write(pieceOf(Math.min(PIECE, size - sent)));
    }
    socket.write(chunked ? "0\r\n\r\n" : "", () => {
      socket.setEncoding("latin1").on("data", (part) => {
        text += part;
        if (text.includes("\r\n\r\n")) done();
      });
      socket.once("end", done);
      socket.resume();
    });
  });
}

for (let begun = 0; begun < count; begun += AT_ONCE) {
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
process.stdout.write(JSON.stringify({ statuses, closes }));
