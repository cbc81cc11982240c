/** How a process ended, in words. */

/** What programs exit with when a handler of theirs of SIGINT or SIGTERM is done, besides 0. */
const AFTER_SIGNAL: readonly number[] = [128 + 2, 128 + 15];

/** True for the code of a program that ends as it was asked to. */
export function isTidy(code: number | undefined): boolean {
  return code === 0 || (code !== undefined && AFTER_SIGNAL.includes(code));
}

/** `exited with code 3`, `was killed by SIGKILL`, or `is gone` where neither is known. */
export function exitText(
  { code, signal }: { readonly code?: number; readonly signal?: string },
): string {
  if (signal !== undefined) return `was killed by ${signal}`;
  return code === undefined ? "is gone" : `exited with code ${code}`;
}
