/** The buckets of a histogram of several workers, whose bounds differ where two releases of an app have different ones. */
import { boundText } from "./exposition.ts";
import type { Format } from "./exposition.ts";

export class MergedBuckets {
  readonly #name: string;
  /** All labels but the bound. */
  readonly #labels: string;
  /** Rising, each with how many were at most as long. */
  #bounds: number[] = [];
  #counts: number[] = [];
  /** Those of the text that is read. */
  #moreBounds: number[] = [];
  #moreCounts: number[] = [];

  constructor(name: string, labels: string) {
    this.#name = name;
    this.#labels = labels;
  }

  has(bound: number): boolean {
    return this.#bounds.includes(bound);
  }

  /** Takes a line of a text; true for the first one. What one worker has is added as one. */
  note(bound: number, count: number): boolean {
    this.#moreCounts.push(count);
    return this.#moreBounds.push(bound) === 1;
  }

  /**
   * Adds what was noted. Of a bound that one side has not, what is known is
   * what it has at the next lower one: the sums rise with the bounds, and no
   * count goes back.
   */
  add(): void {
    const [bounds, counts] = [this.#moreBounds, this.#moreCounts];
    this.#moreBounds = [];
    this.#moreCounts = [];
    const same = bounds.length === this.#bounds.length &&
      bounds.every((bound, at) => bound === this.#bounds[at]);
    if (same) {
      for (let at = 0; at < counts.length; at++) {
        this.#counts[at]! += counts[at]!;
      }
      return;
    }
    const before = stepsOf(this.#bounds, this.#counts);
    const more = stepsOf(bounds, counts);
    const all = [...new Set([...this.#bounds, ...bounds])]
      .sort((one, other) => one - other);
    this.#bounds = all;
    this.#counts = all.map((bound) => before(bound) + more(bound));
  }

  write(lines: string[], format: Format): void {
    const more = this.#labels === "" ? "" : `,${this.#labels}`;
    for (const [at, bound] of this.#bounds.entries()) {
      const le = boundText(bound, format);
      lines.push(`${this.#name}{le="${le}"${more}} ${this.#counts[at]}`);
    }
  }
}

/** How many are known to be at most so long, asked for rising bounds. */
function stepsOf(
  bounds: readonly number[],
  counts: readonly number[],
): (bound: number) => number {
  const steps = bounds.map((bound, at) => [bound, counts[at]!] as const)
    .sort(([one], [other]) => one - other);
  let [at, count] = [0, 0];
  return (bound) => {
    for (; at < steps.length && steps[at]![0] <= bound; at++) {
      count = steps[at]![1];
    }
    return count;
  };
}
