/** When the workers of earlier generations accept no more. */
import type { Child, PoolState } from "./state.ts";

/** So long a worker that was told to go is waited for: one that is blocked says nothing. */
const CLOSE_MS = 2000;

/** When no worker of before the generation that was rolled out accepts any more: -Infinity where that is so, and where none is awaited. */
export function closeTime({ conclusion, children }: PoolState): number {
  if (conclusion === undefined) return -Infinity;
  return Math.max(
    ...children.filter(({ generation }) => generation !== conclusion.generation)
      .map(closeTimeOf),
  );
}

function closeTimeOf({ phase, closed, since }: Child): number {
  if (closed) return -Infinity;
  return phase === "draining" || phase === "ending"
    ? since + CLOSE_MS
    : Infinity;
}
