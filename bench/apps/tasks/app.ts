/** Measures calls where an app makes them: in a worker. `/corn?1024`, `/piscina?1024`, `/threads?1024`, `/stream?65536`. */
import { Worker } from "node:worker_threads";
import { tasks } from "../../../tasks.ts";
import type * as Work from "./work.ts";

const work = tasks<typeof Work>("work");
const script = new URL("thread.js", import.meta.url);

type Call = (value: unknown) => PromiseLike<unknown>;

/** Median and slowest of a hundred of one call, in microseconds, and calls a second with 8 at once; twice as many come before, for the compilers. */
async function measure(call: Call, bytes: number) {
  const value = bytes >= 1e5 ? new Uint8Array(bytes) : "x".repeat(bytes);
  const rounds = bytes >= 1e5 ? 100 : 1500;
  const times: number[] = [];
  for (let round = -2 * rounds; round < rounds; round++) {
    const began = performance.now();
    await call(value);
    if (round >= 0) times.push((performance.now() - began) * 1000);
  }
  times.sort((a, b) => a - b);
  const began = performance.now();
  let left = rounds;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left-- > 0) await call(value);
  }));
  return {
    median: times[Math.floor(rounds / 2)],
    p99: times[Math.floor(rounds * 0.99)],
    perSecond: rounds / (performance.now() - began) * 1000,
  };
}

async function overPiscina(bytes: number) {
  const { Piscina } = await import("piscina");
  const pool = new Piscina({
    filename: script.href,
    minThreads: 1,
    maxThreads: 1,
  });
  const figures = await measure((value) => pool.run(value), bytes);
  await pool.destroy();
  return figures;
}

async function overThread(bytes: number) {
  const thread = new Worker(script, { workerData: "bare" });
  const waiting: ((value: unknown) => void)[] = [];
  thread.on("message", (value) => waiting.shift()?.(value));
  const figures = await measure((value) => {
    thread.postMessage(value);
    return new Promise((resolve) => waiting.push(resolve));
  }, bytes);
  await thread.terminate();
  return figures;
}

/** Megabytes a second of a stream of 256 MB. */
async function streamed(bytes: number) {
  const count = Math.ceil(256e6 / bytes);
  const began = performance.now();
  let got = 0;
  for await (const part of work.stream(count, bytes)) got += part.length;
  return { perSecond: got / 1e6 / (performance.now() - began) * 1000 };
}

function answer({ pathname, search }: URL): Promise<unknown> {
  const bytes = Number(search.slice(1));
  switch (pathname) {
    case "/corn":
      return measure((value) => work.echo(value), bytes);
    case "/piscina":
      return overPiscina(bytes);
    case "/threads":
      return overThread(bytes);
    case "/stream":
      return streamed(bytes);
    default:
      return Promise.resolve({});
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await answer(new URL(request.url)));
  },
};
