import { suite } from "../../../support/suite.ts";
import * as assert from "../../../support/assert.ts";
import {
  decideSize,
  FRESH_SIZE,
  SIZE_RULES,
} from "../../../../src/arbiter/pool/rules/size.ts";
import type {
  SizeSample,
  SizeState,
} from "../../../../src/arbiter/pool/rules/size.ts";
import { simulateSize } from "./size-world.ts";
import type { Load } from "./size-world.ts";
import { anySeed, randomFrom } from "../../../support/random.ts";

const rules = { ...SIZE_RULES, min: 2, max: 4, patienceMs: 60_000 };

/** Looks once a second, and gives how the size went and the last reason. */
function look(
  samples: readonly Partial<SizeSample>[],
  from: SizeState = FRESH_SIZE,
) {
  let state = from;
  let wanted = samples[0]?.wanted ?? 2;
  const sizes: number[] = [];
  let why: string | undefined;
  for (const [index, sample] of samples.entries()) {
    const decision = decideSize(state, {
      now: index * 1000,
      ready: wanted,
      booting: 0,
      busy: 0.65,
      waiting: 0,
      queued: 0,
      rollout: false,
      ...sample,
      wanted,
    }, rules);
    state = decision.state;
    wanted = decision.want;
    why = decision.why ?? why;
    sizes.push(wanted);
  }
  return { state, sizes, why };
}

/** The same look again and again. */
function times<Sample>(count: number, sample: Sample): Sample[] {
  return Array<Sample>(count).fill(sample);
}

const decide = suite("decideSize()");

decide("grows once workers were busy for three seconds", () => {
  const { sizes, why } = look(times(3, { busy: 0.76 }));
  assert.equal(sizes, [2, 2, 3]);
  assert.is(why, "workers are busy");
});

decide("takes one look at rest for the end of busy workers", () => {
  const busy = { busy: 0.9 };
  const { sizes } = look([busy, busy, { busy: 0.75 }, busy, busy]);
  assert.equal(sizes, [2, 2, 2, 2, 2]);
});

decide("grows once connections have waited for a second", () => {
  const { sizes, why } = look(times(2, { waiting: 1, busy: 0.1 }));
  assert.equal(sizes, [2, 3]);
  assert.is(why, "connections wait");
});

decide("grows once requests have waited in workers for a second", () => {
  const { sizes, why } = look(times(2, { queued: 3 }));
  assert.equal(sizes, [2, 3]);
  assert.is(why, "requests wait");
});

decide("grows again at once where one more was not enough", () => {
  const { sizes } = look(times(4, { waiting: 5 }));
  assert.equal(sizes, [2, 3, 3, 4]);
});

decide("does not grow while one boots, and then at once", () => {
  const waits = { waiting: 5 };
  const { sizes } = look([
    waits,
    ...times(5, { ...waits, booting: 1, ready: 1 }),
    waits,
  ]);
  assert.equal(sizes, [2, 2, 2, 2, 2, 2, 3]);
});

decide("does not grow where one that is wanted is missing", () => {
  const { sizes } = look(times(5, { waiting: 5, ready: 1 }));
  assert.equal(sizes, [2, 2, 2, 2, 2]);
});

decide("changes nothing while a roll-out runs", () => {
  const busy = look(times(9, { waiting: 5, rollout: true }));
  assert.equal(busy.sizes, times(9, 2));
  const calm = look(
    times(200, { wanted: 4, busy: 0, rollout: true }),
  );
  assert.equal(calm.sizes, times(200, 4));
});

decide("does not grow where memory is short, and says so", () => {
  const waits = { waiting: 5, rssEach: 100 };
  const { sizes, why } = look(times(3, { ...waits, memoryFree: 199 }));
  assert.equal(sizes, [2, 2, 2]);
  assert.is(why, "connections wait, but there is no memory for one more");
  assert.equal(look(times(2, { ...waits, memoryFree: 200 })).sizes, [2, 3]);
});

decide("never grows beyond the most", () => {
  assert.equal(look(times(9, { wanted: 4, waiting: 5 })).sizes, times(9, 4));
});

decide("lets one go where the others were enough for a minute", () => {
  const { sizes, why } = look(times(62, { wanted: 3, busy: 0.39 }));
  assert.equal(sizes.lastIndexOf(3), 59);
  assert.equal(sizes.at(-1), 2);
  assert.is(why, "fewer are enough");
});

decide("lets none go where the others would not be enough", () => {
  assert.equal(
    look(times(300, { wanted: 3, busy: 0.4 })).sizes,
    times(300, 3),
  );
});

decide("begins to wait anew for each that goes", () => {
  const { sizes } = look(times(125, { wanted: 4, busy: 0.1 }));
  assert.is(sizes.lastIndexOf(4), 59);
  assert.is(sizes.lastIndexOf(3), 120);
});

decide("lets none go where it is not known how busy they are", () => {
  const samples = times(300, { wanted: 3, busy: undefined });
  assert.equal(look(samples).sizes, times(300, 3));
});

decide("never lets the least go", () => {
  assert.equal(look(times(300, { busy: 0 })).sizes, times(300, 2));
});

decide("keeps to a range that has changed", () => {
  assert.equal(look([{ wanted: 6 }]).sizes, [4]);
  assert.equal(look([{ wanted: 1 }]).sizes, [2]);
});

decide("doubles its patience each time that it has regretted, up to 16", () => {
  let state = FRESH_SIZE;
  const factors: number[] = [];
  for (let round = 0; round < 6; round++) {
    const patient = 60 * state.patience;
    const run = look([
      ...times(patient + 1, { wanted: 3, busy: 0.1 }),
      ...times(2, { waiting: 1 }),
    ], state);
    assert.equal(run.sizes.slice(-3), [2, 2, 3]);
    // Times begin anew with each run.
    state = { patience: run.state.patience };
    factors.push(state.patience);
  }
  assert.equal(factors, [2, 4, 8, 16, 16, 16]);
});

decide("regrets nothing that was long ago, and forgets in time", () => {
  const { state } = look([
    ...times(61, { wanted: 3, busy: 0.1 }),
    ...times(302, { busy: 0.65 }),
    ...times(2, { waiting: 1 }),
  ]);
  assert.is(state.patience, 1);
  const regretted = { patience: 8, patienceAt: 0 };
  assert.is(look(times(3600, {}), regretted).state.patience, 8);
  assert.is(look(times(3601, {}), regretted).state.patience, 4);
});

decide.run();

const simulation = suite("a pool sized by load, two hours");

/** Each measure's limit is what a simulation of the rules promises; other rules were far beyond. */
interface Promised {
  readonly load: Load;
  readonly changes: number;
  /** Seconds in which more was asked for than the workers could do. */
  readonly overloaded: number;
}

const promises: Readonly<Record<string, Promised>> = {
  "at the edge of growing": {
    load: (_, random) => 3 + (random() - 0.5) * 0.8,
    changes: 10,
    overloaded: 20,
  },
  "at the edge of shrinking": {
    load: (_, random) => 2.4 + (random() - 0.5) * 0.8,
    changes: 10,
    overloaded: 20,
  },
  "a wave of ten minutes": {
    load: (second) => 2.65 + 2.35 * Math.sin(second / 600 * 2 * Math.PI),
    changes: 32,
    overloaded: 14,
  },
  "a spike of 20 s each five minutes": {
    load: (second) => second % 300 < 20 ? 5 : 0.4,
    changes: 38,
    overloaded: 47,
  },
  "a step up and one down": {
    load: (second) => second >= 1800 && second < 3600 ? 3 : 0.5,
    changes: 14,
    overloaded: 20,
  },
};

for (const [name, { load, changes, overloaded }] of Object.entries(promises)) {
  simulation(name, () => {
    for (let seed = 1; seed <= 5; seed++) {
      const outcome = simulateSize(load, { seed });
      assert.ok(
        outcome.changes <= changes && outcome.overloaded <= overloaded,
        `seed ${seed}: ${JSON.stringify(outcome)}`,
      );
    }
  });
}

simulation("shrinks to the least after work has ended", () => {
  const { sizes } = simulateSize((second) => second < 60 ? 6 : 0.05, {
    seed: 1,
  });
  assert.ok(Math.max(...sizes) >= 6, `at most ${Math.max(...sizes)}`);
  assert.is(sizes.at(-1), 1);
});

simulation("does not flap at any steady load", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  for (let round = 0; round < 40; round++) {
    const mean = 0.3 + random() * 7;
    const noise = mean * 0.3 * random();
    const outcome = simulateSize(
      (_, chance) => mean + (chance() - 0.5) * noise,
      { seed: seed + round },
    );
    // From one worker to eight there are seven changes, and each may be regretted.
    assert.ok(
      outcome.changes <= 10,
      `SEED=${seed}, load ${mean} with noise ${noise}: ${
        JSON.stringify(outcome)
      }`,
    );
  }
});

simulation.run();
