/** The trial of a canary: the first worker of a roll-out serves beside all of before until it is judged. */
import { CANARY_RULES, judgeCanary, slownessOf } from "./rules/canary.ts";
import { isOnTrial } from "./children.ts";
import { failRollout } from "./rollout.ts";
import { addNote } from "./state.ts";
import type { Child, Draft, Moment, PoolEvent, PoolState } from "./state.ts";

/** The canary that serves; undefined where none does, as one that was killed and whose end is to come: that fails the roll-out. */
export function canaryOf(state: PoolState): Child | undefined {
  return state.children.find((child) =>
    child.phase === "ready" && !child.killed &&
    child.abortedAt === undefined && isOnTrial(state, child)
  );
}

/** Takes what was answered into account. */
export function judgeTrial(
  draft: Draft,
  { old, fresh, unanswered }: PoolEvent & { type: "answers" },
  moment: Moment,
): void {
  const child = canaryOf(draft);
  const { rollout } = draft;
  if (child === undefined || rollout?.canary === undefined) return;
  const { forMs, thin } = rollout.canary;
  const { verdict, why } = judgeCanary({
    old,
    fresh,
    ageMs: moment.now - child.since,
    silentMs: silenceOf(draft, child, moment),
    unanswered,
  }, { ...CANARY_RULES, forMs });
  if (verdict === "wait") return;
  if (verdict === "bad" || (verdict === "thin" && thin === "stop")) {
    return failRollout(draft, moment, { child, why });
  }
  draft.rollout = { ...rollout, canary: undefined };
  addNote(draft, {
    about: "canary-passed",
    child,
    thin: verdict === "thin",
    why,
    slow: slownessOf({ old, fresh }),
  });
}

/** For how long it blocks; where one of before is late too, it is the machine, or what they share. */
function silenceOf(draft: Draft, child: Child, { now }: Moment): number {
  const others = draft.children.some((other) =>
    other.age !== child.age && other.phase === "ready" && other.late
  );
  return child.late && !others ? now - child.lastBeat : 0;
}
