/** When the workers of earlier generations accept no more. */
import type { Child, PoolState } from "./state.ts";

/** So long a worker that was told to go is waited for: one that is blocked says nothing. */
const CLOSE_MS = 2000;

/** When no worker of before the generation that was rolled out accepts any more: -Infinity where that is so, and where none is awaited. */
export function closeTime(state: PoolState): number {
  if (state.conclusion === undefined) return -Infinity;
  return Math.max(
    ...unclosed(state).map(closeTimeOf),
  );
}

/** Those of before that may accept still, as far as is known. */
export function unclosed({ conclusion, children }: PoolState): Child[] {
  return children.filter(({ generation, closed }) =>
    generation !== conclusion?.generation && !closed
  );
}

function closeTimeOf({ phase, since }: Child): number {
  return phase === "draining" || phase === "ending"
    ? since + CLOSE_MS
    : Infinity;
}
