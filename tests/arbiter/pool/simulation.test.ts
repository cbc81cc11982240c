/**
 * A million random steps of the pool against processes that crash, hang, boot
 * slowly and ignore orders, while the arbiter or the whole machine stands still at times. `SEED=n` repeats a run, `STEPS=n` changes its length.
 */
import process from "node:process";
import { countAssertion } from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { nextDeadline, pulseMs } from "../../../src/arbiter/pool/health.ts";
import { checkInvariants } from "../../../src/arbiter/pool/invariants.ts";
import { LivedTime } from "../../../adapters/shared/machine/lived-time.ts";
import { advance, createPool } from "../../../src/arbiter/pool/pool.ts";
import { ownQueue } from "../../../src/arbiter/pool/queues.ts";
import { isOnTrial } from "../../../src/arbiter/pool/children.ts";
import { canaryOf } from "../../../src/arbiter/pool/trial.ts";
import { isLive } from "../../../src/arbiter/pool/state.ts";
import type {
  Action,
  Child,
  Limits,
  PoolEvent,
  PoolState,
  Sockets,
} from "../../../src/arbiter/pool/state.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { KILL_MS, World } from "./world.ts";

const simulation = suite("simulation");

const STEPS = Number(process.env.STEPS ?? 1_000_000);
const SEED = anySeed();
/** The largest pool that is asked for. */
const LARGEST = 6;
/** From ABRT to KILL, from quit to KILL, and what a drain gets beyond its limit. */
const ABORT_MS = 1000;
const QUIT_MS = 2000;
const DRAIN_MARGIN_MS = 1000;
/** How long a worker that was told to go is waited for until it accepts no more. */
const CLOSE_MS = 2000;
/** Virtual time within which a pool without faults must be whole: the longest backoff, boots and drains. */
const CALM_MS = 120_000;
/** The longest rest between two pulses. */
const PULSE_MS = 1000;
/** How long a boot may keep others from beginning. */
const BOOT_PACE_MS = 1000;
/** What is between two clocks, more than numbers lose. */
const ROUNDING_MS = 1e-6;
/** Between two looks at what is answered and how busy the workers are. */
const LOOK_MS = 1000;
/** How long it is watched after that. */
const STAY_MS = 2000;

class Simulation {
  readonly #random: () => number;
  /** Who asked not to wait for its replacement. */
  readonly #hasty = new Set<number>();
  /** Who was told to drain. */
  readonly #told = new Set<number>();
  readonly #world: World;
  /** What the arbiter has lived through of the world's time. */
  readonly #time = new LivedTime();
  #pulse: { readonly due: number } | undefined;
  /** When it took its last step; what falls due between is due still. */
  #stepped = 0;
  #state: PoolState;
  #steps: number;
  #lastSockets = 1;
  /** When the arbiter looks next, in the world's time. */
  #lookAt = 0;
  #lastReloadDone = true;
  /** How often everything, or the arbiter alone, stood still. */
  #standstills = 0;
  #exitCode: number | undefined;
  readonly #firstCodes = new Set<number>();

  constructor(random: () => number, steps: number) {
    this.#random = random;
    this.#steps = steps;
    this.#world = new World(random);
    this.#state = createPool({
      wanted: this.#size(),
      limits: this.#limits(),
      sockets: { id: 1, queues: this.#queues(), fresh: true },
      surge: this.#world.chance(0.8) ? 1 : 2,
      bootsAtOnce: this.#world.chance(0.5) ? undefined : this.#size(),
      maxDraining: this.#most(),
    });
    if (this.#world.chance(0.1)) this.#world.broken.add(1);
  }

  /** Lives a pool's life to its exit, and gives the steps that are left. */
  run(): number {
    this.#step({ type: "tick" });
    while (this.#steps > 0 && !this.#state.over) {
      this.#chaos(200 + Math.floor(this.#random() * 2000));
      if (this.#state.over) break;
      this.#calm();
      if (this.#world.chance(0.3)) break;
      this.#world.faulty = true;
    }
    this.#stop();
    return this.#steps;
  }

  #size(): number {
    return 1 + Math.floor(this.#random() * LARGEST);
  }

  #queues(): number {
    return Math.floor(this.#random() * (LARGEST + 1));
  }

  #limits(): Limits {
    const { between, chance } = this.#bound();
    return {
      bootMs: between(300, 3000),
      silenceMs: chance(0.1) ? 0 : between(200, 2000),
      slowMs: chance(0.5) ? 0 : between(50, 1000),
      gracefulMs: chance(0.1) ? 0 : between(100, 2000),
      drainDelayMs: chance(0.5) ? 0 : between(0, 500),
    };
  }

  #most(): number | undefined {
    return this.#world.chance(0.5) ? undefined : this.#size();
  }

  #bound() {
    return {
      between: (low: number, high: number) => this.#world.between(low, high),
      chance: (probability: number) => this.#world.chance(probability),
    };
  }

  /** Random orders and faults for a number of steps. */
  #chaos(steps: number): void {
    const until = this.#steps - steps;
    let orderAt = this.#world.now + this.#world.between(0, 200);
    while (this.#steps > until && !this.#state.over) {
      if (this.#advanceTo(orderAt)) continue;
      this.#step(this.#order());
      const pause = this.#world.chance(0.3) ? 0 : 2000;
      orderAt = this.#world.now + this.#world.between(0, pause);
    }
  }

  /** Without faults the pool becomes what it should be, and stays so. */
  #calm(): void {
    this.#world.calm();
    const until = this.#world.now + CALM_MS;
    const healed = () =>
      this.#state.over || (this.#isWhole() && this.#isSettled());
    while (!healed() && this.#advanceTo(until));
    expect(healed(), "queues stay shared");
    const after = this.#world.now + STAY_MS;
    while (!this.#state.over && this.#advanceTo(after));
    expect(
      this.#state.over || this.#isWhole(),
      () => `the pool does not heal: ${JSON.stringify(this.#state)}`,
    );
  }

  /** Every stop ends, with exit code 0. */
  #stop(): void {
    if (!this.#state.over) {
      this.#world.faulty = this.#world.chance(0.5);
      const mode = (["graceful", "cut", "quick"] as const)[
        Math.floor(this.#world.between(0, 3))
      ]!;
      const { gracefulMs, drainDelayMs } = this.#state.limits;
      const deadline = this.#lived() + gracefulMs + drainDelayMs + QUIT_MS +
        2 * KILL_MS;
      const standstills = this.#standstills;
      this.#step({ type: "stop", mode });
      const again = this.#world.chance(0.3)
        ? this.#world.now + this.#world.between(0, 1000)
        : Infinity;
      while (!this.#state.over && this.#advanceTo(again));
      if (!this.#state.over) {
        this.#world.faulty = false;
        this.#step({ type: "stop", mode: "quick" });
        const end = Math.max(again, this.#world.now) + KILL_MS;
        while (!this.#state.over && this.#advanceTo(end));
      }
      expect(this.#state.over, "a stop does not end");
      // Of a standstill the time up to the next pulse counts as lived.
      const stood = (this.#standstills - standstills) * PULSE_MS;
      expect(this.#lived() <= deadline + stood + 1, "a stop ends late");
      expect(this.#exitCode === 0, `exit code ${this.#exitCode} after a stop`);
    } else {
      expect(
        this.#exitCode !== undefined && this.#firstCodes.has(this.#exitCode),
        `exit code ${this.#exitCode} is none of the first generation's`,
      );
    }
    expect(this.#world.processes.size === 0, "processes are left behind");
  }

  /** Takes the next thing that happens before a time; false when there is none. */
  #advanceTo(time: number): boolean {
    const world = this.#world;
    const timer = this.#alarm();
    const next = world.nextProcess();
    const look = this.#nextLook();
    const at = Math.min(timer, next?.at ?? Infinity, world.rereadAt, look);
    if (at > time || at === Infinity) {
      if (time < Infinity) world.now = Math.max(world.now, time);
      return false;
    }
    world.now = Math.max(world.now, at);
    if (world.fault(0.002)) {
      this.#standstills++;
      world.freeze(world.between(0, 10_000), world.chance(0.5));
      // What is due may come before what happened meanwhile.
      if (world.chance(0.5)) this.#step({ type: "tick" });
      return true;
    }
    if (look <= at) {
      this.#lookAt = world.now + LOOK_MS;
      this.#step(this.#look());
    } else if (world.rereadAt <= at) {
      world.rereadAt = Infinity;
      // A bad config changes nothing.
      this.#step(
        world.fault(0.1) ? { type: "tick" } : this.#rollOut(),
      );
    } else if (next !== undefined && next.at <= at) {
      const { processes } = world;
      const event = world.happen(next.process);
      if (event.type === "exited" && !this.#state.everReady) {
        const code = event.exit.code;
        this.#firstCodes.add(code === undefined || code === 0 ? 3 : code);
      }
      expect(processes.size <= 100, "processes pile up");
      this.#step(event);
    } else this.#step({ type: "tick" });
    return true;
  }

  #lived(): number {
    return this.#time.at(this.#world.now);
  }

  /** When the arbiter's timer rings, in the world's time. */
  #alarm(): number {
    const lived = this.#lived();
    const { now } = this.#world;
    const rest = pulseMs(this.#state);
    const { due: ring = now } = this.#pulse ?? {};
    if (this.#pulse !== undefined && (ring <= now || ring > now + rest)) {
      this.#time.forget(this.#pulse);
      this.#pulse = undefined;
    }
    this.#pulse ??= this.#time.expect(now + rest);
    const due = nextDeadline(this.#state, this.#stepped) - lived + now +
      ROUNDING_MS;
    return Math.min(this.#pulse.due, due);
  }

  /** While nothing depends on it the arbiter does not look. */
  #nextLook(): number {
    const { over, range } = this.#state;
    const looks = canaryOf(this.#state) !== undefined ||
      (range !== undefined && this.#world.faulty);
    return looks && !over ? Math.max(this.#world.now, this.#lookAt) : Infinity;
  }

  #look(): PoolEvent {
    const { between, chance } = this.#bound();
    if (canaryOf(this.#state) === undefined) {
      const sample = {
        busy: chance(0.1) ? undefined : this.#random(),
        waiting: chance(0.3) ? 1 : 0,
        queued: 0,
      };
      return { type: "load", sample };
    }
    const failures = this.#world.fault(0.2) ? 100 : Math.floor(between(0, 10));
    return {
      type: "answers",
      old: { requests: 1000, failures: 10 },
      fresh: { requests: chance(0.2) ? 0 : 1000, failures },
    };
  }

  #rollOut(): PoolEvent {
    const { between, chance } = this.#bound();
    if (this.#world.fault(0.3)) {
      this.#world.broken.add(this.#state.lastGeneration + 1);
    }
    const sockets: Sockets = chance(0.7) ? this.#sameSockets() : {
      id: ++this.#lastSockets,
      queues: this.#queues(),
      fresh: chance(0.5),
    };
    return {
      type: "roll-out",
      wanted: chance(0.5) ? this.#state.wanted : this.#size(),
      limits: this.#limits(),
      maxDraining: this.#most(),
      sockets,
      ...(chance(0.3) && {
        canary: {
          forMs: between(0, 5000),
          thin: chance(0.5) ? "go" : "stop",
        },
      }),
      ...(chance(0.3) && {
        range: { min: 1, max: this.#size(), patienceMs: between(0, 5000) },
      }),
    };
  }

  /** The sockets in use, at times with queues that are new. */
  #sameSockets(): Sockets {
    const { sockets } = this.#state;
    const more = sockets.queues > 0 && this.#world.chance(0.3);
    return more ? { ...sockets, queues: sockets.queues + 1 } : sockets;
  }

  /** An order from a person, or news that nobody waits for. */
  #order(): PoolEvent {
    const dice = this.#random();
    if (dice < 0.35) return { type: "reload" };
    if (dice < 0.6) {
      return { type: "resize", by: this.#state.wanted < LARGEST ? 1 : -1 };
    }
    if (dice < 0.8) return { type: "resize", by: -1 };
    if (dice < 0.85) return { type: "pause" };
    if (dice < 0.88) return { type: "scale", to: "auto" };
    const age = Math.ceil(this.#random() * this.#state.nextAge);
    if (!this.#world.processes.has(age)) {
      // News of a process that is gone, or never was.
      return { type: "beat", age, busy: true };
    }
    const now = this.#random() < 0.2;
    return {
      type: "recycle",
      kind: "max_requests",
      age,
      reason: "reason",
      failure: now,
      now,
    };
  }

  #step(event: PoolEvent): void {
    this.#steps--;
    if (event.type === "recycle" && event.now) this.#hasty.add(event.age);
    const before = this.#state;
    const { random } = this.#world;
    const now = this.#stepped = this.#lived();
    const { state, actions } = advance(before, event, { now, random });
    this.#state = state;
    for (const action of actions) {
      this.#expectJustified(action, before);
      this.#world.act(action, state);
      this.#note(action);
      this.#expectClosed(action);
    }
    checkInvariants(state);
    if (event.type === "recycle") this.#expectRecycled(event.age);
    this.#expectWaitsEnd();
    this.#expectServed();
    if (actions.some(({ type }) => type === "count-queues")) {
      this.#step(this.#world.countQueues(state));
    } else if ((this.#steps & 15) === 0) this.#expectQuiet();
  }

  #note(action: Action): void {
    if (action.type === "exit") this.#exitCode = action.code;
    if (action.type !== "note") return;
    const { about } = action.note;
    if (about === "rolled-out") this.#lastReloadDone = true;
    if (about === "rollout") this.#lastReloadDone = false;
  }

  /** No slot is filled before its wait is over, and nobody who serves is told to go unless somebody else serves in that slot, or none is wanted there. */
  #expectJustified(action: Action, before: PoolState): void {
    const { stop, paused, wanted, rollout, children, slots } = this.#state;
    if (action.type === "spawn") {
      const wait = slots[action.slot - 1]?.notBefore ?? 0;
      expect(wait <= this.#lived(), "a worker is spawned too early");
      expect(!paused && stop === undefined, "a worker is spawned in vain");
      const hopeless = before.bootFailure !== undefined &&
        !this.#state.everReady;
      expect(
        !hopeless || rollout !== undefined || before.rollout !== undefined,
        "a first generation that cannot boot is tried again",
      );
      const { bootsAtOnce } = before;
      const fresh = children.filter(({ phase, since }) =>
        phase === "booting" && this.#lived() < since + BOOT_PACE_MS
      );
      expect(fresh.length <= bootsAtOnce, "too many boot at a time");
    }
    if (action.type === "abort") {
      const process = this.#world.processes.get(action.age);
      expect(process?.hung !== false, "a worker that beats is aborted");
    }
    if (action.type !== "drain" && action.type !== "quit") return;
    // A drain may be cut at once where too many go on.
    if (action.type === "drain") this.#told.add(action.age);
    else if (this.#told.has(action.age)) return;
    const child = before.children.find(({ age }) => age === action.age);
    if (child?.phase !== "ready" || stop !== undefined || paused) return;
    if (isOnTrial(before, child)) return;
    if (this.#hasty.has(action.age)) return;
    expect(action.type === "drain", "a worker that serves is told to quit");
    if (child.slot > Math.max(wanted, rollout?.wanted ?? 0)) return;
    const successor = children.find(({ age, slot, phase, killed }) =>
      slot === child.slot && age > child.age && phase === "ready" && !killed
    );
    expect(successor !== undefined, "a worker drains without a successor");
    expect(
      this.#world.proven.has(successor?.generation ?? 0),
      "a generation that was never ready replaces one that serves",
    );
  }

  /** Once a reload is done nobody of before accepts, but for who is blocked. */
  #expectClosed(action: Action): void {
    if (action.type !== "note" || action.note.about !== "rolled-out") return;
    const { generation } = action.note;
    for (
      const { age, generation: its, accepting } of this.#world.processes
        .values()
    ) {
      if (its === generation || !accepting) continue;
      const child = this.#state.children.find((one) => one.age === age);
      const told = child === undefined || isLive(child)
        ? Infinity
        : child.since;
      expect(
        this.#lived() >= told + CLOSE_MS,
        "a reload is done while an old worker accepts",
      );
    }
  }

  /** Who asks to be replaced does not serve on as if nothing were. */
  #expectRecycled(age: number): void {
    const child = this.#state.children.find((one) => one.age === age);
    expect(
      child?.phase !== "ready" || child.retiring,
      "a recycle is forgotten",
    );
  }

  /** Nothing is waited for beyond its limit. */
  #expectWaitsEnd(): void {
    const { now, processes } = this.#world;
    const lived = this.#lived();
    for (const child of this.#state.children) {
      if (child.killed) {
        const gone = processes.get(child.age)?.exitAt ?? Infinity;
        expect(gone <= now + KILL_MS, "a killed process stays");
      } else {
        expect(lived < endOfWait(child), `${child.phase} for too long`);
      }
    }
  }

  /** As the processes see it: no slot is served twice but by a canary, no queue is left alone. */
  #expectServed(): void {
    const { processes } = this.#world;
    // One that was killed stays the canary until it has ended.
    const canary = this.#state.children.find((child) =>
      child.phase === "ready" && isOnTrial(this.#state, child)
    )?.age;
    let slots = 0;
    for (const { age, serving, slot } of processes.values()) {
      if (!serving || age === canary) continue;
      expect((slots & (1 << slot)) === 0, `slot ${slot} is served twice`);
      slots |= 1 << slot;
    }
    const accepting = this.#state.children.filter((child) =>
      child.phase === "ready" && !child.late && !child.killed &&
      child.abortedAt === undefined
    );
    for (const { sockets: { id, queues, fresh } } of accepting) {
      const wanted = fresh ? this.#world.opened[id] : (1 << queues) - 1;
      let open = 0;
      for (const { age, sockets } of accepting) {
        if (sockets.id !== id) continue;
        for (const queue of processes.get(age)?.opened ?? []) {
          open |= 1 << queue;
        }
      }
      expect(queues === 0 || open === wanted, "a queue has no acceptor");
    }
  }

  /** Before the next deadline there is nothing to do. */
  #expectQuiet(): void {
    if (this.#state.over) return;
    const { random } = this.#world;
    const now = this.#lived();
    const next = Math.min(nextDeadline(this.#state, now), now + 100_000);
    if (next - now < ROUNDING_MS) return;
    const moment = { now: now + (next - now) * 0.999, random };
    const { actions } = advance(this.#state, { type: "tick" }, moment);
    expect(
      actions.length === 0,
      () => `${JSON.stringify(actions[0])} is due before the next deadline`,
    );
  }

  /** True when each worker has its queue to itself. */
  #isSettled(): boolean {
    const { children } = this.#state;
    return !children.some((child) =>
      child.queues.some((queue) => isLent(queue, child, children))
    );
  }

  /** True when each slot has a worker that is ready, and all are of one generation if the last reload succeeded. */
  #isWhole(): boolean {
    const { children, wanted, paused, rollout, generation, conclusion } =
      this.#state;
    const size = paused ? 0 : wanted;
    if (rollout !== undefined || conclusion !== undefined) return false;
    if (this.#world.rereadAt < Infinity) return false;
    let slots = 0;
    for (const child of children) {
      if (child.phase !== "ready" || child.retiring || child.late) return false;
      const allowed = child.generation === generation ||
        (!this.#lastReloadDone && this.#world.proven.has(child.generation));
      if (!allowed) return false;
      slots |= 1 << (child.slot - 1);
    }
    return children.length === size && slots === (1 << size) - 1;
  }
}

/** When a child that was not killed must have gone on to the next phase, or have been killed. */
function endOfWait(child: Child): number {
  const { phase, since, lastBeat, abortedAt, limits } = child;
  if (phase === "booting") return since + limits.bootMs;
  if (phase === "ending") return since + QUIT_MS;
  const silence = abortedAt !== undefined
    ? abortedAt + ABORT_MS
    : limits.silenceMs > 0
    ? lastBeat + limits.silenceMs
    : Infinity;
  if (phase === "ready") return silence;
  return Math.min(silence, since + limits.gracefulMs + DRAIN_MARGIN_MS);
}

/** True for a queue that is another child's own. */
function isLent(
  queue: number,
  { slot, sockets: { id, queues } }: Child,
  children: readonly Child[],
): boolean {
  return queue !== ownQueue(slot, queues) &&
    children.some((other) =>
      other.sockets.id === id && ownQueue(other.slot, queues) === queue
    );
}

function expect(holds: boolean, rule: string | (() => string)): void {
  if (!holds) throw new Error(typeof rule === "string" ? rule : rule());
}

simulation(`advance() keeps its promises for ${STEPS} steps`, () => {
  console.log(`\nSEED=${SEED}`);
  const random = randomFrom(SEED);
  const start = performance.now();
  let left = STEPS;
  let pools = 0;
  while (left > 0) {
    pools++;
    left = new Simulation(random, left).run();
  }
  // Each step asserts by expect().
  countAssertion();
  const seconds = (performance.now() - start) / 1000;
  const speed = Math.round((STEPS - left) / seconds);
  console.log(
    `${STEPS - left} steps of ${pools} pools, ${speed} steps a second`,
  );
});

simulation.run();
