/** What becomes of requests that came while the event loop stood still. */
import type { ServerResponse } from "node:http";
import * as assert from "../support/assert.ts";
import type { RawClient } from "../support/client/client.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
  styles,
} from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep } from "../support/wait.ts";

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

standstill(
  "a first request is answered that comes as its connection is to be closed",
  async (lab) => {
    if (!styles.includes("node")) return lab.skip("this is about node:http");
    // A connection without a request has 500 ms, and is looked at each 250.
    const LOOK_MS = 750;
    for (let sent = false; !sent;) {
      const before = performance.now();
      await using served = await serveEngine({
        source: "address",
        keepAliveMs: KEEP_ALIVE_MS,
        node: (_, outgoing) => void (outgoing as ServerResponse).end("ok"),
      });
      const begun = performance.now();
      const client = await lab.connect(served.target);
      await sleep(before + LOOK_MS - 30 - performance.now());
      sent = await new Promise<boolean>((resolve) =>
        // Timers that are due meanwhile come next, before sockets are read.
        setImmediate(() => {
          const late = performance.now() - before > LOOK_MS - 5;
          // On a busy machine the look before comes late, and closes it already.
          if (late || !client.open) return resolve(false);
          while (performance.now() - begun < LOOK_MS + 15);
          client.send("/");
          resolve(true);
        })
      );
      if (sent) assert.is((await client.answer()).status, 200);
    }
  },
);

for (const source of sourcesOf("fetch")) {
  standstill(
    `a request is answered that comes as its connection is to be closed, by ${source}`,
    async (lab) => {
      if (http === "native") return lab.skip("its own timers close there");
      const { clock } = runtime;
      let late: () => void = () => {};
      await using served = await serveEngine({
        source,
        keepAliveMs: KEEP_ALIVE_MS,
        fetch: () => new Response(),
        clock: {
          ...clock,
          pulse: (ms, run) =>
            clock.pulse(ms, () => {
              late();
              run();
            }),
        },
      });
      const client = await lab.connect(served.target);
      assert.is((await client.request("/")).status, 200);
      const idle = performance.now();
      let looks = 0;
      const sent = new Promise<void>((resolve) => {
        late = () => {
          if (performance.now() - idle < KEEP_ALIVE_MS) return;
          // The first look finds that its time is over, the second closes it.
          if (++looks !== 2) return;
          client.send("/");
          resolve();
        };
      });
      await sent;
      assert.is((await client.answer()).status, 200);
    },
  );
}

standstill.run();
