/**
 * Answers with the number of its worker. `/wait` stops the event loop for 200 ms
 * as a synchronous read or a lock does, `/wait/20` for 20 ms, `/spin` as long
 * arithmetic does.
 */
import process from "node:process";

const worker = process.env.CORN_WORKER_ID ?? "";
const BLOCK_MS = 200;
const cell = new Int32Array(new SharedArrayBuffer(4));

export default {
  fetch({ url }: Request): Response {
    const wait = /\/wait(?:\/(\d+))?$/.exec(url);
    if (wait !== null) Atomics.wait(cell, 0, 0, Number(wait[1] ?? BLOCK_MS));
    if (url.endsWith("/spin")) {
      const until = performance.now() + BLOCK_MS;
      while (performance.now() < until);
    }
    return new Response(worker);
  },
};
