/** What was seen of an event loop that was blocked, in words. */
import type { OpenRequest } from "./open-request.ts";

/** What was seen of it. */
export interface Sight {
  /** The request that had the event loop; undefined where that is not known. */
  readonly by: OpenRequest | undefined;
  /** Requests that waited for their answers. */
  readonly waiting: readonly OpenRequest[];
  /** The app's frames, the innermost first. */
  readonly frames: readonly string[];
}

/** How many open requests a line names. */
const NAMED = 3;

/** The first of them, by what `name` makes of each. */
export function nameFirst(
  requests: readonly OpenRequest[],
  name: (request: OpenRequest) => string = nameRequest,
): string {
  return requests.slice(0, NAMED).map(name).join(", ");
}

/** Follows the words that say for how long: by which request and where, or what was open. */
export function sightText({ by, waiting, frames }: Sight): string {
  const where = frames.length === 0 ? "" : `: ${frames.join(" < ")}`;
  if (by !== undefined) return ` by ${nameRequest(by)}${where}`;
  const open = nameFirst(waiting);
  return open === "" ? where : `${where}; open were ${open}`;
}

function nameRequest({ method, path }: OpenRequest): string {
  return `${method} ${path}`;
}
