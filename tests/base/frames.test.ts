import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { readFrames, seatName } from "../../src/base/frames.ts";

const frames = suite("frames");

const own = new URL("../../src/gateway/call/gateway.ts", import.meta.url).href;

frames("readFrames() names the app's frames, from its folder", () => {
  const stack = `Error
    at eval (eval at render (file:///srv/app/src/report.ts:41:3), <anonymous>:1:1)
    at look (${own}:7:1)
    at JSON.parse (<anonymous>)
    at render (file:///srv/app/src/report.ts:41:3)
    at async report (file:///srv/app/src/re%20port.ts:12:24)
    at async Promise.all (index 1)
    at async file:///srv/app/app.ts:20:5
    at Timeout.fire (/opt/lib/late.js:9:1)
    at listOnTimeout (node:internal/timers:685:17)
    at cb (ext:deno_node/internal/timers.mjs:4:1174)
    at async Array.${seatName(7)} (${own}:18:55)
    at async ${seatName(9)} (${own}:18:55)`;
  assert.equal(readFrames(stack, "/srv/app"), {
    frames: [
      "JSON.parse",
      "render (src/report.ts:41)",
      "report (src/re port.ts:12)",
      "app.ts:20",
      "Timeout.fire (/opt/lib/late.js:9)",
    ],
    seat: 7,
  });
});

frames("readFrames() takes anything", () => {
  const nothing = { frames: [], seat: undefined };
  assert.equal(readFrames("", "/"), nothing);
  assert.equal(readFrames("corn seat 7", "/"), nothing);
  assert.equal(readFrames(`at async ${seatName(1)} ()`, "/").frames, []);
  const bad = "at f (file:///a%zz.js:3:1)";
  assert.equal(readFrames(bad, "/").frames, ["f (file:///a%zz.js:3)"]);
  const many = "at f (/a.js:1:1)\n".repeat(1000);
  assert.is(readFrames(many, "/").frames.length, 8);
  const long = `at ${"f".repeat(10_000)} (/a.js:1:1)`;
  assert.is(readFrames(long, "/").frames[0]?.length, 160);
});

frames.run();
