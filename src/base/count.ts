/** A number of things in words. */

/** `1 worker`, `2 workers`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
