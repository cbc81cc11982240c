/** Why workers end: what is decided about each of them is kept in mind until it is gone. */
import type { ExitReason } from "../../telemetry/sums.ts";
import type {
  Action,
  Child,
  Exit,
  PoolEvent,
  PoolState,
} from "../pool/state.ts";

/** A step of the pool. */
export interface ReasonedStep {
  readonly event: PoolEvent;
  readonly before: PoolState;
  readonly after: PoolState;
  readonly actions: readonly Action[];
}

/** A worker that has ended. */
export interface Ended {
  readonly slot: number;
  readonly reason: ExitReason;
}

export class ExitReasons {
  readonly #reasons = new Map<number, ExitReason>();

  /** Takes a step in, and gives the worker that ended by it. */
  note({ event, before, after, actions }: ReasonedStep): Ended | undefined {
    const ended = event.type === "exited"
      ? this.#end(event.age, event.exit, before)
      : undefined;
    for (const action of actions) this.#noteAction(action, after);
    return ended;
  }

  #noteAction(action: Action, state: PoolState): void {
    if (action.type === "note") {
      const { note } = action;
      switch (note.about) {
        case "recycle":
          return this.#set(note.child.age, note.kind);
        case "silent":
          // Whatever else was meant to be done with it.
          return void this.#reasons.set(note.child.age, "silent");
        case "boot-timeout":
          return void this.#reasons.set(note.child.age, "boot");
      }
      return;
    }
    if (action.type !== "drain" && action.type !== "quit") return;
    this.#set(action.age, reasonToGo(action.age, state));
  }

  /** The first reason is the reason. */
  #set(age: number, reason: ExitReason): void {
    if (!this.#reasons.has(age)) this.#reasons.set(age, reason);
  }

  #end(age: number, exit: Exit, before: PoolState): Ended | undefined {
    const child = before.children.find((one) => one.age === age);
    const known = this.#reasons.get(age);
    this.#reasons.delete(age);
    if (child === undefined) return undefined;
    return { slot: child.slot, reason: reasonOf(child, { exit, known }) };
  }
}

/** Why a worker is told to go that has not asked for it. */
function reasonToGo(age: number, state: PoolState): ExitReason {
  if (state.stop !== undefined) return "stop";
  const child = state.children.find((one) => one.age === age);
  const size = Math.max(state.wanted, state.rollout?.wanted ?? 0);
  return state.paused || (child !== undefined && child.slot > size)
    ? "scale"
    : "reload";
}

function reasonOf(
  { phase, killed, abortedAt }: Child,
  { exit, known }: {
    readonly exit: Exit;
    readonly known: ExitReason | undefined;
  },
): ExitReason {
  if (phase === "booting") return "boot";
  if (known === "silent" || abortedAt !== undefined) return "silent";
  if (phase === "ready" && killed) return "order";
  // One that was to be replaced has ended before it was let go.
  if (phase === "ready") return isForeign(exit, killed) ? "signal" : "crash";
  return known ?? "reload";
}

/** Ended by a signal that nothing in it causes and corn has not sent. */
function isForeign({ signal }: Exit, killed: boolean): boolean {
  return !killed && (signal === "SIGKILL" || signal === "SIGTERM" ||
    signal === "SIGINT" || signal === "SIGHUP");
}
