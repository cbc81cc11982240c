/** Waiting with a deadline; what is waited for counts as asserted. */
import { countAssertion } from "./assert.ts";

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again and again until the answer is truthy, and gives it. @throws after `ms` milliseconds, saying what was waited for. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  ms = 15_000,
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
  ms = 15_000,
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
