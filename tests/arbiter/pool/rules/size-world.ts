/** A pool whose size follows a load, second by second. */
import {
  decideSize,
  FRESH_SIZE,
  SIZE_RULES,
} from "../../../../src/arbiter/pool/rules/size.ts";
import { randomFrom } from "../../../support/random.ts";

/** How many workers' work there is in a second. */
export type Load = (second: number, random: () => number) => number;

export interface SizeOutcome {
  /** How often the size has changed. */
  readonly changes: number;
  /** Seconds in which more was asked for than the workers could do. */
  readonly overloaded: number;
  /** Workers that were ready, on average. */
  readonly mean: number;
  /** The size that was wanted in each second. */
  readonly sizes: readonly number[];
  toJSON(): unknown;
}

const SECONDS = 7200;
const BOOT_SECONDS = 3;
const SETTINGS = { min: 1, max: 8, patienceMs: 60_000 };

/** Simulates two hours of a pool of one to eight workers that boot in 3 s. */
export function simulateSize(
  load: Load,
  { seed }: { readonly seed: number },
): SizeOutcome {
  const random = randomFrom(seed);
  const sizes: number[] = [];
  let state = FRESH_SIZE;
  let wanted = SETTINGS.min;
  let ready = wanted;
  let boots: number[] = [];
  let backlog = 0;
  let [changes, overloaded, sum] = [0, 0, 0];
  for (let second = 0; second < SECONDS; second++) {
    ready += boots.filter((at) => at <= second).length;
    boots = boots.filter((at) => at > second);
    const demand = load(second, random) + backlog;
    const done = Math.min(ready, demand);
    // Of those that wait some give up.
    backlog = Math.min(ready, demand - done);
    if (demand > ready) overloaded++;
    sum += ready;
    const { state: next, want } = decideSize(state, {
      now: second * 1000,
      wanted,
      ready,
      booting: boots.length,
      busy: done / ready,
      waiting: Math.ceil(backlog * 10),
      queued: 0,
      rollout: false,
    }, { ...SIZE_RULES, ...SETTINGS });
    state = next;
    if (want > wanted) boots.push(second + BOOT_SECONDS);
    if (want < wanted) ready--;
    if (want !== wanted) changes++;
    wanted = want;
    sizes.push(wanted);
  }
  const mean = sum / SECONDS;
  const toJSON = () => ({ changes, overloaded, mean });
  return { changes, overloaded, mean, sizes, toJSON };
}
