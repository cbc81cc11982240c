/** What becomes of requests that came while the event loop stood still. */
import * as assert from "../support/assert.ts";
import type { RawClient } from "../support/client/client.ts";
import { http, runtime, serveEngine } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";

const standstill = promises(`A standstill, ${http} on ${runtime.name}`);

/** The app computes for so long, longer than a connection may be idle. */
const STANDS_MS = 800;
const KEEP_ALIVE_MS = 300;

standstill(
  "a request that comes in time meanwhile is answered",
  async (lab) => {
    const meanwhile: RawClient[] = [];
    await using served = await serveEngine({
      source: "address",
      keepAliveMs: KEEP_ALIVE_MS,
      fetch(request) {
        if (new URL(request.url).pathname !== "/compute") return new Response();
        for (const client of meanwhile) client.send("/");
        const end = performance.now() + STANDS_MS;
        while (performance.now() < end);
        return new Response();
      },
    });
    const early = await lab.connect(served.target);
    const other = await lab.connect(served.target);
    assert.is((await early.request("/")).status, 200);
    meanwhile.push(early);
    assert.is((await other.request("/compute")).status, 200);
    assert.is((await early.answer()).status, 200);
  },
);

standstill.run();
