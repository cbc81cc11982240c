/** Says that a request has a worker's one place for long, which nothing else shows: the event loop turns. */
import { pathOf } from "../../exchange/path.ts";
import type { PlacedRequest } from "../../runtime/runtime.ts";

/** A request that has had the place for `ms`, in words that say what to do. */
export function describeHold(
  { method, url, answering }: PlacedRequest,
  ms: number,
): string {
  const state = answering ? "its answer goes on" : "it has no answer yet";
  return `${method} ${pathOf(url)} has had the one place of this worker for ${
    ms / 1000
  } s, ${state}: what comes meanwhile waits for another worker; streams, slow clients and handlers that await are for -k async, see docs/worker-classes.md`;
}
