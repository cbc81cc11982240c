/** The pool's size: by the load within its range, or as it was set by hand. */
import { clampSize, decideSize, SIZE_RULES } from "./rules/size.ts";
import type { SizeSettings } from "./rules/size.ts";
import { addNote } from "./state.ts";
import type { Draft, LoadSample, Moment, SizeOrders } from "./state.ts";

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

/** A change of any size: so many more, and no fewer than `least`. */
type SizeChange = Pick<SizeOrders, "by" | "least">;

/** The size behind a change; never below one. */
function changedSize(count: number, { by, least }: SizeChange): number {
  return Math.max(least, count + by);
}

/**
 * Changes the number of workers, that of a roll-out as well, and of a reload
 * that has not begun its own. The load does not change it any more.
 */
export function fixSize(draft: Draft, change: SizeChange): void {
  if (draft.stop !== undefined) return;
  const { rollout, wanted, orders } = draft;
  draft.orders = {
    from: orders?.from ?? rollout?.wanted ?? wanted,
    by: (orders?.by ?? 0) + change.by,
    least: changedSize(orders?.least ?? 1, change),
    fixed: true,
  };
  draft.wanted = changedSize(wanted, change);
  if (rollout !== undefined) {
    draft.rollout = {
      ...rollout,
      wanted: changedSize(rollout.wanted, change),
      fixed: rollout.range !== undefined,
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
  const { orders, rollout } = draft;
  draft.fixed = false;
  if (orders !== undefined) draft.orders = { ...orders, fixed: false };
  if (rollout !== undefined) draft.rollout = { ...rollout, fixed: false };
}

/** With which size a roll-out begins: what the config says, or the one of now within its range, and what was ordered since it was asked for. */
export function rolloutSize(
  { wanted, orders }: Draft,
  given: { readonly wanted: number; readonly range?: SizeSettings | undefined },
): { readonly wanted: number; readonly fixed: boolean } {
  const { range } = given;
  const size = range === undefined
    ? given.wanted
    : clampSize(orders?.from ?? wanted, range);
  if (orders === undefined) return { wanted: size, fixed: false };
  return {
    wanted: changedSize(size, orders),
    fixed: range !== undefined && orders.fixed,
  };
}
