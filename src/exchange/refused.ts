/** What this process has answered itself in the app's place, until it is told. Seldom enough that it is counted at all times. */

/** Why. */
export const REFUSAL_REASONS = [
  /** As many wait as may, or it has waited for too long: 503. */
  "queue",
  /** As many WebSockets are open as may be: 503. */
  "sockets",
  /** The app took too long: 504. */
  "deadline",
  /** The body is longer than it may be: 413. */
  "body",
  /** What the request says, or proxies of it, cannot be: 4xx, 501, 505. */
  "request",
] as const;
export type RefusalReason = typeof REFUSAL_REASONS[number];

/** How many were refused for a reason with a status. */
export type RefusedCount = readonly [
  reason: RefusalReason,
  status: number,
  count: number,
];

const counts = new Map<string, [RefusalReason, number, number]>();

export function countRefused(reason: RefusalReason, status: number): void {
  const key = `${reason} ${status}`;
  const known = counts.get(key);
  if (known === undefined) counts.set(key, [reason, status, 1]);
  else known[2]++;
}

/** What was counted since it was taken last. */
export function takeRefused(): RefusedCount[] {
  if (counts.size === 0) return [];
  const taken = [...counts.values()];
  counts.clear();
  return taken;
}
