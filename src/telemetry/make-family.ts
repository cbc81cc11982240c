/** How a metric is made. */
import type { Family, Sample } from "./exposition.ts";

/** What goes up and down. */
export function gauge(
  name: string,
  help: string,
  samples: readonly Sample[],
): Family {
  return { type: "gauge", name, help, samples };
}

/** What only rises. */
export function counter(
  name: string,
  help: string,
  samples: readonly Sample[],
): Family {
  return { type: "counter", name, help, samples };
}

/** A value without labels. */
export function one(value: number): Sample[] {
  return [{ labels: {}, value }];
}

/** A value for each name of a label. */
export function by(
  label: string,
  counts: Iterable<[string, number]>,
): Sample[] {
  return [...counts].map(([name, value]) => ({
    labels: { [label]: name },
    value,
  }));
}

/** Milliseconds as seconds, to the microsecond. */
export function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6;
}
