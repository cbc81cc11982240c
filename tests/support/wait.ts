/** Waiting with a deadline; what is waited for counts as asserted. */
import { countAssertion } from "./assert.ts";

/**
 * How long a test waits for what has no time of its own. A slow machine with
 * other work takes long to start a runtime; where corn promises a time, the
 * test names it.
 */
export const PATIENCE_MS = 60_000;

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
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) {
      throw new Error(`Waited ${ms} ms in vain: ${what}`);
    }
    await sleep(10);
  }
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
