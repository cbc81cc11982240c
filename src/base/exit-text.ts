/** How a process ended, in words. */

/** `exited with code 3`, `was killed by SIGKILL`, or `is gone` where neither is known. */
export function exitText(
  { code, signal }: { readonly code?: number; readonly signal?: string },
): string {
  if (signal !== undefined) return `was killed by ${signal}`;
  return code === undefined ? "is gone" : `exited with code ${code}`;
}
