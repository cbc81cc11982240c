/** A pool driven by hand: events in, orders and notes out, as short texts. */
import { nextDeadline } from "../../../src/arbiter/pool/health.ts";
import { checkInvariants } from "../../../src/arbiter/pool/invariants.ts";
import { advance, createPool } from "../../../src/arbiter/pool/pool.ts";
import { describeNote } from "../../../src/arbiter/telling/notes.ts";
import { BEGINNING } from "../../support/fake/clock.ts";
import type { SizeSettings } from "../../../src/arbiter/pool/rules/size.ts";
import type {
  Action,
  Canary,
  Child,
  Exit,
  Limits,
  Note,
  PoolEvent,
  PoolState,
  Sockets,
} from "../../../src/arbiter/pool/state.ts";

export const LIMITS: Limits = {
  bootMs: 60_000,
  silenceMs: 30_000,
  slowMs: 0,
  gracefulMs: 10_000,
  drainDelayMs: 0,
};

export const NO_QUEUES: Sockets = { id: 1, queues: 0, fresh: true };

const FACTS = {
  pid: 77,
  flight: undefined,
  look: undefined,
  explained: false,
};

/** A child that serves in slot 1, apart from what is given. */
export function childOf(given: Partial<Child> = {}): Child {
  return {
    age: 1,
    slot: 1,
    generation: 1,
    phase: "ready",
    since: 0,
    lastBeat: 0,
    busy: false,
    late: false,
    examined: 1,
    held: false,
    retiring: false,
    abortedAt: undefined,
    closed: false,
    killed: false,
    queues: [],
    limits: LIMITS,
    sockets: NO_QUEUES,
    ...given,
  };
}

/** `spawn 3 in 1 of 2`: age 3 in slot 1 of generation 2; `drain 3`; `open 3 queue 0`. */
function textOf(action: Action): string {
  switch (action.type) {
    case "spawn":
      return `spawn ${action.age} in ${action.slot} of ${action.generation}`;
    case "open":
    case "release":
      return `${action.type} ${action.age} queue ${action.queue}`;
    case "count-queues":
      return "count-queues";
    case "note":
      return `note ${action.note.about}`;
    case "drain":
      return action.withinMs === undefined
        ? `drain ${action.age}`
        : `drain ${action.age} within ${action.withinMs}`;
    case "exit":
      return `exit ${action.code}`;
    case "reload":
      return "reload";
    default:
      return `${action.type} ${action.age}`;
  }
}

export interface DriveOptions {
  readonly wanted?: number;
  readonly limits?: Partial<Limits>;
  readonly sockets?: Sockets;
  readonly surge?: number;
  readonly bootsAtOnce?: number;
  readonly maxDraining?: number;
  readonly range?: SizeSettings;
}

export class Driven {
  state: PoolState;
  now = BEGINNING;
  /** What the last event led to. */
  orders: string[] = [];
  notes: Note[] = [];
  /** The children that were looked into so far. */
  readonly examined: number[] = [];

  constructor(options: DriveOptions) {
    const {
      wanted = 2,
      limits,
      sockets = NO_QUEUES,
      surge = 1,
      bootsAtOnce,
      maxDraining,
      range,
    } = options;
    this.state = createPool({
      wanted,
      limits: { ...LIMITS, ...limits },
      sockets,
      surge,
      bootsAtOnce,
      maxDraining,
      range,
    });
    this.step({ type: "tick" });
  }

  /** Goes to a moment, in ms from the beginning, without a tick. */
  at(ms: number): void {
    this.now = BEGINNING + ms;
  }

  /** How many ms have passed since the beginning. */
  passed(): number {
    return this.now - BEGINNING;
  }

  /** Takes an event; gives the orders it leads to. */
  step(event: PoolEvent): string[] {
    const moment = { now: this.now, random: () => 0.5 };
    const { state, actions } = advance(this.state, event, moment);
    checkInvariants(state);
    this.state = state;
    this.orders = [];
    this.notes = [];
    for (const action of actions) {
      if (action.type === "note") this.notes.push(action.note);
      else if (action.type === "examine") this.examined.push(action.age);
      else this.orders.push(textOf(action));
    }
    return this.orders;
  }

  ready(...ages: number[]): string[] {
    return ages.flatMap((age) => this.step({ type: "ready", age }));
  }

  /** Children say that they accept no more. */
  close(...ages: number[]): string[] {
    return ages.flatMap((age) => this.step({ type: "closed", age }));
  }

  exit(age: number, exit: Exit = { code: 0 }): string[] {
    return this.step({ type: "exited", age, exit });
  }

  beat(age: number, busy = false, blockedMs = 0): string[] {
    return this.step({ type: "beat", age, busy, blockedMs });
  }

  recycle(age: number, failure = false, now = false): string[] {
    return this.step({
      type: "recycle",
      kind: "max_requests",
      age,
      reason: "10 requests",
      failure,
      now,
    });
  }

  /** A validated reload; what is not given stays as it is. */
  rollOut(
    given: {
      wanted?: number;
      limits?: Limits;
      sockets?: Sockets;
      surge?: number;
      maxDraining?: number;
      range?: SizeSettings;
      canary?: Canary;
    } = {},
  ): string[] {
    const { wanted, limits, sockets } = this.state;
    return this.step({ type: "roll-out", wanted, limits, sockets, ...given });
  }

  /** Lets time pass, with a tick at each deadline; gives all orders. */
  wait(ms: number): string[] {
    const end = this.now + ms;
    const orders: string[] = [];
    const notes: Note[] = [];
    for (;;) {
      const next = nextDeadline(this.state, this.now);
      if (next > end) break;
      this.now = next;
      orders.push(...this.step({ type: "tick" }));
      notes.push(...this.notes);
    }
    this.now = end;
    this.notes = notes;
    return orders;
  }

  /** What the last event's notes are about. */
  about(): string[] {
    return this.notes.map(({ about }) => about);
  }

  /** What the log says of the last note of the last event. */
  lastText(): string | undefined {
    const note = this.notes.at(-1);
    return note && describeNote(note, () => FACTS)?.text;
  }

  /** `1:ready 2:booting`, by slot and age. */
  children(): string {
    return this.state.children.map(({ slot, age, phase }) =>
      `${slot}/${age}:${phase}`
    ).join(" ");
  }
}

/** A pool that has begun to spawn. */
export function drive(options: DriveOptions = {}): Driven {
  return new Driven(options);
}

/** A pool whose workers are all ready. */
export function driveReady(options: DriveOptions = {}): Driven {
  const pool = drive(options);
  pool.ready(...pool.state.children.map(({ age }) => age));
  return pool;
}
