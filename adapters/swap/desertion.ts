/** When the connections of servers that accept no more may be closed: nothing is lost by it then. */
import type { Libc } from "../libc/libc.ts";
import { surveyConnections } from "./connections.ts";
import type { Survey } from "./connections.ts";
import type { Serving } from "./native-start.ts";
import { HELD_UP_MS } from "../shared/machine/lived-time.ts";
import { now, setTimeout } from "../shared/originals/originals.ts";

/** How often a drain looks whether connections are left. */
const LOOK_MS = 100;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Sleeps and gives the milliseconds that count: none where this process was held
 * up for long meanwhile, since what came in that time has not been read yet.
 */
async function waited(ms: number): Promise<number> {
  const from = now();
  await sleep(ms);
  return now() - from < ms + HELD_UP_MS ? ms : 0;
}

export interface DesertionOptions {
  readonly libc: Libc | undefined;
  readonly keepAliveMs: number;
  /** Those that have a listener. */
  readonly serving: readonly Serving[];
  /** Those whose connections are served on without one. */
  readonly ended: readonly Serving[];
}

/**
 * What the connections do; undefined where that cannot be told, or where a
 * server on a socket of its own, which cannot stop accepting, may get the next one.
 */
function survey(
  { libc, serving, ended }: DesertionOptions,
): Survey | undefined {
  if (libc === undefined || serving.some((one) => !one.adopted)) return;
  const addresses = [...serving, ...ended].map(({ address }) => address);
  try {
    return surveyConnections(libc, addresses);
  } catch {
    // To look takes a descriptor, and there may be none.
    return undefined;
  }
}

/** Waits until no connection is left, or each was told to close (which DENO-CLOSE-KEPT leaves to the client) or had its keep-alive time. */
export async function desertion(options: DesertionOptions): Promise<void> {
  const { keepAliveMs, serving } = options;
  // One that was accepted a moment ago has its whole time for a first request.
  let left = keepAliveMs;
  while (left > 0) {
    const from = now();
    const seen = survey(options);
    if (seen?.tcp === 0 && seen.unix === 0) return;
    // A look takes longer with more descriptors, and holds the others up.
    const pause = Math.max(LOOK_MS, 20 * (now() - from));
    left -= await waited(Math.min(pause, left));
    // TCP tells how long each has been quiet, unix sockets do not.
    if (seen?.unix === 0) left = keepAliveMs - seen.quietMs;
    if (serving.some(({ server }) => server.busy())) left = keepAliveMs;
  }
}
