import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";

const blocked = promises("a blocked event loop");

/** Blocks for so many milliseconds: before it awaits, or after. */
const APP = `
function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const ms = Number(searchParams.get("ms"));
    if (pathname === "/now") spin(ms);
    if (pathname === "/later") {
      await new Promise((resolve) => setTimeout(resolve, 20));
      spin(ms);
    }
    return new Response("done");
  },
};
`;

/** Longer than two looks take on a busy machine. */
const BLOCK_MS = 4000;

blocked(
  "a loop that comes back is told of, with what blocked it",
  async ({ write, start }) => {
    const app = write("app.js", APP);
    const args = ["-w", "1", "--slow-loop", "0.4"];
    const server = await start({ app, args });
    for (let count = 0; count < 10; count++) {
      await get(`${server.url}/innocent`);
    }
    assert.is(await get(`${server.url}/now?ms=${BLOCK_MS}`), "done");
    await server.waitForLog(
      /\[WARNING\] Worker 1 \(pid \d+\) was blocked for \d+\.\d s by GET \/now\b/,
      { ms: 20_000 },
    );
  },
);

blocked.run();
