import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { meanBusy, meanMemory } from "../../../src/arbiter/lookout/busyness.ts";
import type { WorkerLoad } from "../../../src/arbiter/lookout/busyness.ts";
import type { Child } from "../../../src/arbiter/pool/state.ts";
import { childOf } from "../pool/drive.ts";

const busyness = suite("busyness");

const NOW = 10_000;

function mean(
  ...workers: readonly [Partial<Child>, Partial<WorkerLoad>?][]
): { busy: number | undefined; queued: number } {
  const loads = new Map<number, WorkerLoad>();
  const children = workers.map(([given, load], index) => {
    if (load !== undefined) {
      const idle = { at: NOW, busy: undefined, rss: 0, open: 0, queued: 0 };
      const all = { ...idle, ...load };
      loads.set(index, all);
    }
    return childOf({ ...given, age: index });
  });
  return meanBusy({ children }, loads, NOW);
}

busyness("meanBusy() is the mean of those that are ready", () => {
  assert.equal(
    mean([{}, { busy: 0.5, queued: 2 }], [{}, { busy: 0.9, queued: 1 }], [
      { phase: "draining" },
      { busy: 1, queued: 9 },
    ]),
    { busy: 0.7, queued: 3 },
  );
});

busyness("meanBusy() takes a late one for busy, a quiet one for idle", () => {
  assert.is(mean([{ late: true }], [{}, { busy: 0 }]).busy, 0.5);
  assert.is(mean([{}, { busy: 1, at: NOW - 1501 }]).busy, 0);
  assert.is(mean([{}, { busy: 1, at: NOW - 1500 }]).busy, 1);
});

busyness("meanBusy() takes no processor for more than one", () => {
  assert.is(mean([{}, { busy: 1.7 }], [{}, { busy: 0 }]).busy, 0.5);
});

busyness("meanBusy() leaves out of whom nothing is known", () => {
  assert.is(mean([{}], [{}, { busy: undefined }]).busy, undefined);
  assert.equal(mean([{}], [{}, { busy: 0.4, queued: 2 }]), {
    busy: 0.4,
    queued: 2,
  });
});

busyness("meanMemory() is the mean of those that have told", () => {
  const load = { at: 0, busy: 0, open: 0, queued: 0 };
  assert.is(meanMemory(new Map()), undefined);
  assert.is(
    meanMemory(new Map([[1, { ...load, rss: 10 }], [2, { ...load, rss: 30 }]])),
    20,
  );
});

busyness.run();
