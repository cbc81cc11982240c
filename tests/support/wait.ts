/** Waiting with a deadline; what is waited for counts as asserted. */
import { countAssertion } from "./assert.ts";

/**
 * How long a test waits for what has no time of its own. A slow machine with
 * other work takes long to start a runtime; where corn promises a time, the
 * test names it.
 */
export const PATIENCE_MS = 60_000;

/** The pause before the same is asked again. */
const PAUSE_MS = 10;
/** The longest one, where it takes its time to ask. */
const LONG_PAUSE_MS = 100;
/** The pause is this many times as long as the check took, so that waiting leaves the processor to others. */
const REST = 4;

/** What is told in pieces is looked at no more often. */
const PIECES_MS = 4;

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again and again until the answer is truthy, and gives it. @throws after `ms` milliseconds, saying what was waited for. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  ms = PATIENCE_MS,
): Promise<NonNullable<T>> {
  countAssertion();
  const end = performance.now() + ms;
  while (true) {
    const from = performance.now();
    const answer = await ask();
    if (answer) return answer;
    const now = performance.now();
    if (now > end) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    const rest = Math.min(REST * (now - from), LONG_PAUSE_MS);
    await sleep(Math.max(PAUSE_MS, rest));
  }
}

/** As `until`, of what cannot have changed before `news` resolves; it is called before each time that is asked. */
export async function untilNews<T>(
  what: string,
  ask: () => T,
  { news, ms }: { news: () => Promise<unknown>; ms: number },
): Promise<NonNullable<T>> {
  countAssertion();
  const end = performance.now() + ms;
  while (true) {
    const changed = news();
    const answer = ask();
    if (answer) return answer;
    const left = end - performance.now();
    if (left <= 0) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await soonest(changed, left);
    // It comes in pieces: more of it is asked for at once.
    await sleep(Math.min(PIECES_MS, left));
  }
}

/** Resolves with the promise or after `ms` milliseconds. */
async function soonest(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** The promise's value. @throws after `ms` milliseconds, saying what was waited for. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  ms = PATIENCE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Waited ${ms} ms in vain: ${what}`)),
      ms,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
