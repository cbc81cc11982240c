/** Reload after reload, and nothing grows. */
import { strict as assert } from "node:assert";
import { reload } from "./trial.ts";
import type { Trial } from "./trial.ts";

/**
 * Reloads before the first look, for heaps to take their size: Bun's grows by a
 * seventh in the first hundred and hardly at all later (1.4.5). Fewer say nothing of memory.
 */
const WARM_UP = 100;
/** How much the arbiter's memory may grow. */
const GROWTH = 0.05;
/** Reloads are what counts: a few clients leave them the processors. */
const CLIENTS = { keepAlive: 3, single: 2, streams: 1, posts: 1 };

export const reloadManyTimes: Trial = {
  about: "HUP after HUP; descriptors, processes and memory stay",
  clients: CLIENTS,
  events: 200,
  quick: 20,
  async begin(field, events) {
    const warmUp = Math.min(WARM_UP, events);
    for (let count = 0; count < warmUp; count++) await reload(field);
    const before = await field.measure();
    return {
      event: () => reload(field),
      async end() {
        const after = await field.measure();
        const growth = after.memory / before.memory - 1;
        assert.equal(after.descriptors, before.descriptors, "descriptors");
        assert.equal(after.processes, before.processes, "processes");
        const said = `memory ${before.memory} KiB ${growth < 0 ? "" : "+"}${
          (100 * growth).toFixed(1)
        } %, ${after.descriptors} descriptors, ${after.processes} processes`;
        if (warmUp === WARM_UP) assert.ok(growth < GROWTH, said);
        return said;
      },
    };
  },
};
