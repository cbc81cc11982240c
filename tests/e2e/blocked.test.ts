import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const blocked = promises("a blocked event loop");

/** Blocks for so many milliseconds, before it awaits or after, and leaves most of the processor to others. */
const APP = `
function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end) Atomics.wait(never, 0, 0, 5);
}
const never = new Int32Array(new SharedArrayBuffer(4));
let held = false;
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const ms = Number(searchParams.get("ms"));
    if (pathname === "/held") return new Response(String(held));
    if (pathname === "/hold") {
      held = true;
      await new Promise(() => {});
    }
    if (pathname === "/later") {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    spin(ms);
    return new Response("done");
  },
};
`;

// A look may meet `spin` within what it calls, whose frame has no place.

/** Longer than two looks take on a busy machine. */
const BLOCK_MS = 6000;

/** Where a stack is known of a loop that does not come back. */
const knowsStacks = runtimeName !== "bun";

/** In `auto` on Node it is known from the second block on. */
const ON = ["--block-stack", "on"];

blocked(
  "a loop that comes back is told of, with what blocked it",
  async ({ write, start, folder }) => {
    const app = write("app.js", APP);
    const args = ["-w", "1", "--slow-loop", "0.4", ...ON];
    const server = await start({ app, args, cwd: folder });
    for (let attempt = 1;; attempt++) {
      // Node's thread is up some time after its worker.
      await sleep(1000);
      for (let count = 0; count < 10; count++) {
        await get(`${server.url}/innocent`);
      }
      const from = server.log().length;
      assert.is(await get(`${server.url}/now?ms=${BLOCK_MS}`), "done");
      const [, stack] = await server.waitForLog(
        /\[WARNING\] Worker 1 \(pid \d+\) was blocked for \d+\.\d s by GET \/now(?:: (.*))?\n/,
        { from },
      );
      if (stack !== undefined) {
        assert.match(stack, /^(?:[^<]+ < )*spin \(app\.js:4\) < .*fetch/);
        break;
      }
      assert.ok(attempt < 3, "no look met it in time");
      // For so long more of them are only counted.
      await sleep(11_000);
    }
  },
);

blocked(
  "what follows an await is blamed on its request, and no other",
  async ({ write, start, folder }) => {
    const app = write("app.js", APP);
    const args = ["-w", "1", "--timeout", "6", ...ON];
    const server = await start({ app, args, cwd: folder });
    const whole = knowsStacks
      ? /^ by GET \/later for \d+\.\d s, killing it; also open: GET \/hold for \d+\.\d s; it was in (?:[^<]+ < )*spin \(app\.js:4\) < .*fetch/
      : /^, killing it; open: GET \/hold for \d+\.\d s, GET \/later for \d+\.\d s; its stack is not known on Bun$/;
    for (let attempt = 1;; attempt++) {
      // Node's thread is up some time after its worker.
      await sleep(1000);
      const from = server.log().length;
      const waiting = curl(`${server.url}/hold`);
      await until(
        "a request that waits",
        async () => await get(`${server.url}/held`) === "true",
      );
      const stuck = curl(`${server.url}/later?ms=60000`);
      const [, line = ""] = await server.waitForLog(
        /its event loop is blocked(.*)\n/,
        { from },
      );
      await Promise.all([waiting, stuck]);
      if (whole.test(line)) break;
      // What no look has met in time blames no other.
      assert.match(
        line,
        /^(?: by GET \/later for|, killing it; open: GET \/hold for)/,
      );
      assert.ok(attempt < 3, "no look met it in time");
      await server.waitForLog(/ ready in /, { from });
    }
  },
);

blocked.run();
