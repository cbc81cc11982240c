/** The loop that turns events into steps of the pool, one after the other. */
import type { Runtime } from "../../runtime/runtime.ts";
import { Alarm } from "./alarm.ts";
import { nextDeadline, pulseMs } from "../pool/health.ts";
import { checkInvariants } from "../pool/invariants.ts";
import { advance } from "../pool/pool.ts";
import type { Action, PoolEvent, PoolState } from "../pool/state.ts";

/** What an event came to. */
export interface PoolStep {
  readonly event: PoolEvent;
  readonly before: PoolState;
  readonly after: PoolState;
  readonly actions: readonly Action[];
}

export interface LoopOptions {
  readonly runtime: Pick<Runtime, "clock" | "random">;
  /** True to check the pool after every step. */
  readonly dev: boolean;
  /** Does what was decided; events of its own come after this one's. */
  onStep(step: PoolStep): void;
}

export class Loop {
  readonly #options: LoopOptions;
  readonly #alarm: Alarm;
  readonly #events: PoolEvent[] = [];
  #pool: PoolState | undefined;
  #busy = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#alarm = new Alarm(
      options.runtime.clock,
      () => this.dispatch({ type: "tick" }),
    );
  }

  /** The pool; undefined before the start. */
  get pool(): PoolState | undefined {
    return this.#pool;
  }

  /** Begins with a pool; what came before it waits for the next event. */
  begin(pool: PoolState): void {
    this.#pool = pool;
  }

  /** Takes an event, at once unless another one is at work. */
  dispatch(event: PoolEvent): void {
    this.#events.push(event);
    if (this.#busy || this.#pool === undefined) return;
    this.#busy = true;
    const { clock } = this.#options.runtime;
    let now = clock.lived();
    try {
      for (
        let next = this.#events.shift();
        next !== undefined;
        next = this.#events.shift()
      ) {
        now = clock.lived();
        this.#step(this.#pool, next, now);
      }
    } finally {
      // A step that throws must not leave the arbiter deaf.
      this.#busy = false;
      // What fell due since the last step is due still.
      if (!this.#pool.over) {
        const pulse = now + pulseMs(this.#pool);
        this.#alarm.setFor(Math.min(pulse, nextDeadline(this.#pool, now)));
      }
    }
  }

  #step(before: PoolState, event: PoolEvent, now: number): void {
    const { runtime: { random }, dev, onStep } = this.#options;
    const { state, actions } = advance(before, event, { now, random });
    this.#pool = state;
    if (dev) checkInvariants(state);
    onStep({ event, before, after: state, actions });
  }

  /** Wakes for nothing any more. */
  close(): void {
    this.#alarm.close();
  }
}
