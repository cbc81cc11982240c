/** The pool's size: by the load within its range, or as it was set by hand. */
import { decideSize, SIZE_RULES } from "./rules/size.ts";
import { addNote } from "./state.ts";
import type { Draft, LoadSample, Moment } from "./state.ts";

/** Lets the load decide, where it may. */
export function fit(
  draft: Draft,
  sample: LoadSample,
  { now }: Moment,
): void {
  const { range, wanted, children, rollout, conclusion } = draft;
  if (
    range === undefined || draft.fixed || draft.paused ||
    draft.stop !== undefined
  ) return;
  const count = (phase: string) =>
    children.filter((child) => child.phase === phase).length;
  const { state, want, why } = decideSize(draft.size, {
    // What is read only where it is needed stays so.
    busy: sample.busy,
    waiting: sample.waiting,
    queued: sample.queued,
    rssEach: sample.rssEach,
    get memoryFree() {
      return sample.memoryFree;
    },
    now,
    wanted,
    ready: count("ready"),
    booting: count("booting"),
    rollout: rollout !== undefined || conclusion !== undefined,
  }, { ...SIZE_RULES, ...range });
  draft.size = state;
  if (why === undefined) return;
  draft.wanted = want;
  addNote(
    draft,
    want === wanted
      ? { about: "size-held", wanted, why }
      : { about: "resized", wanted: want, why },
  );
}

/** Changes the number of workers, that of a roll-out as well; never below one. The load does not change it any more. */
export function fixSize(
  draft: Draft,
  change: (count: number) => number,
): void {
  if (draft.stop !== undefined) return;
  draft.wanted = Math.max(1, change(draft.wanted));
  if (draft.rollout !== undefined) {
    draft.rollout = {
      ...draft.rollout,
      wanted: Math.max(1, change(draft.rollout.wanted)),
    };
  }
  draft.fixed = draft.range !== undefined;
  addNote(draft, {
    about: "resized",
    wanted: draft.wanted,
    fixed: draft.fixed,
  });
}

/** Lets the load decide again. */
export function freeSize(draft: Draft): void {
  draft.fixed = false;
}
