/** Whether workers block often, which another class of workers suits better. */
import { addNote } from "./state.ts";
import type { Draft, Moment } from "./state.ts";

/** So often in so much time is often. */
const OFTEN = 10;
const OFTEN_MS = 60_000;

/** Counts that connections waited for a blocked worker, and tells once a generation where that is often. */
export function countWait(draft: Draft, { now }: Moment): void {
  const { waits, generation, limits } = draft;
  const { toldOf } = waits;
  if (limits.tellsBlocks !== true || toldOf === generation) return;
  const fresh = waits.count === 0 || now - waits.since > OFTEN_MS;
  const since = fresh ? now : waits.since;
  const count = fresh ? 1 : waits.count + 1;
  if (count < OFTEN) {
    draft.waits = { since, count, toldOf };
    return;
  }
  draft.waits = { since: now, count: 0, toldOf: generation };
  addNote(draft, { about: "blocks-often", times: count, ms: now - since });
}
