/** Processes that behave as real ones may, on a clock of their own: what the simulation drives the pool against. */
import type {
  Action,
  Exit,
  Limits,
  PoolEvent,
  PoolState,
  Sockets,
} from "../../../src/arbiter/pool/state.ts";
import { ownQueue } from "../../../src/arbiter/pool/queues.ts";

/** A killed process is gone after at most this long. */
export const KILL_MS = 50;

/** A worker's process. Times are when it will do something, Infinity for never. */
export interface Process {
  readonly age: number;
  readonly slot: number;
  readonly generation: number;
  readonly sockets: Sockets;
  readonly limits: Limits;
  readyAt: number;
  beatAt: number;
  exitAt: number;
  exit: Exit;
  /** Is to accept connections. */
  serving: boolean;
  /** Accepts connections in fact. */
  accepting: boolean;
  /** When it accepts no more, and says so. */
  closeAt: number;
  /** Gave no beat when its time had come. */
  hung: boolean;
  /** Was told to go: begins to serve no more. */
  told: boolean;
  /** Queues it listens on. */
  readonly opened: Set<number>;
}

/** One thing that happens. */
export interface Occurrence {
  readonly at: number;
  readonly event: PoolEvent;
}

export class World {
  readonly processes = new Map<number, Process>();
  readonly random: () => number;
  now = 0;
  /** False once every new process is to work as it should. */
  faulty = true;
  /** Generations whose code cannot be loaded. */
  readonly broken = new Set<number>();
  /** Generations of which a worker was ready. */
  readonly proven = new Set<number>();
  /** Queues that a process has listened on, a bit each, by the id of their sockets. */
  readonly opened: number[] = [];
  /** When a config that is read anew is found good, Infinity for none. */
  rereadAt = Infinity;

  constructor(random: () => number) {
    this.random = random;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** A fault's chance; none happens while the world is calm. */
  fault(probability: number): boolean {
    return this.faulty && this.random() < probability;
  }

  /** What the next process to act does, and when; its consequences in the world are drawn. */
  nextProcess(): { at: number; process: Process } | undefined {
    let first: Process | undefined;
    let at = Infinity;
    for (const process of this.processes.values()) {
      const next = Math.min(
        process.readyAt,
        process.beatAt,
        process.exitAt,
        process.closeAt,
      );
      if (next >= at) continue;
      at = next;
      first = process;
    }
    return first === undefined ? undefined : { at, process: first };
  }

  /** Lets a process do what it was to do now. */
  happen(process: Process): PoolEvent {
    const { age } = process;
    if (process.exitAt <= this.now) {
      this.processes.delete(age);
      // It may have listened, and have ended before it could say so.
      if (this.chance(0.2)) this.#open(process, this.#ownQueue(process));
      return { type: "exited", age, exit: process.exit };
    }
    if (process.closeAt <= this.now) {
      process.closeAt = Infinity;
      process.accepting = false;
      return { type: "closed", age };
    }
    if (process.readyAt <= this.now) {
      process.readyAt = Infinity;
      process.serving = process.accepting = !process.told;
      process.beatAt = this.now + 25;
      this.#open(process, this.#ownQueue(process));
      this.proven.add(process.generation);
      return { type: "ready", age };
    }
    const busy = this.faulty && this.chance(0.5);
    const { silenceMs } = process.limits;
    const idleMs = silenceMs === 0 ? 1000 : Math.min(1000, silenceMs / 4);
    process.beatAt = this.now + Math.min(busy ? 250 : idleMs, idleMs);
    // Blocked for a while, or for ever.
    process.hung = false;
    if (this.fault(0.05)) {
      process.hung = true;
      process.beatAt = this.now + this.between(50, 3000);
    }
    if (this.fault(0.01)) {
      process.hung = true;
      process.beatAt = Infinity;
    }
    if (this.fault(0.02)) this.die(process, this.between(0, 200));
    if (this.fault(0.05) || process.exitAt < Infinity) {
      process.hung = true;
      return {
        type: "recycle",
        kind: "max_requests",
        age,
        reason: "reason",
        failure: this.chance(0.3),
      };
    }
    return { type: "beat", age, busy };
  }

  /** Stops the arbiter for a while, or the whole machine. */
  freeze(ms: number, all: boolean): void {
    this.now += ms;
    if (!all) return;
    this.rereadAt += ms;
    for (const process of this.processes.values()) {
      process.readyAt += ms;
      process.beatAt += ms;
      process.exitAt += ms;
      process.closeAt += ms;
    }
  }

  /** Ends a process by itself in a while. */
  die(process: Process, afterMs: number, exit: Exit = { code: 1 }): void {
    if (this.now + afterMs >= process.exitAt) return;
    process.exitAt = this.now + afterMs;
    process.exit = exit;
  }

  /** Faults end: who hangs comes back where nobody would kill it, and at times elsewhere. */
  calm(): void {
    this.faulty = false;
    this.broken.clear();
    for (const process of this.processes.values()) {
      if (process.readyAt === Infinity) {
        process.beatAt = Math.min(process.beatAt, this.now + 25);
      }
    }
  }

  /** Carries out what the pool decided. */
  act(action: Action, state: PoolState): void {
    if (action.type === "spawn") return this.#spawn(action.age, state);
    if (action.type === "reload") {
      this.rereadAt = this.now + this.between(0, 300);
      return;
    }
    if (!("age" in action)) return;
    const process = this.processes.get(action.age);
    if (process === undefined) return;
    switch (action.type) {
      case "open":
        return this.#open(process, action.queue);
      case "release":
        return void process.opened.delete(action.queue);
      case "drain":
        this.#close(process);
        // Now and then an open request never ends.
        if (!this.fault(0.1)) {
          this.die(process, this.between(0, 1500), { code: 0 });
        }
        return;
      case "quit":
        this.#close(process);
        if (!this.fault(0.2)) {
          this.die(process, this.between(0, KILL_MS), { code: 0 });
        }
        return;
      case "abort":
        if (!this.fault(0.5)) {
          this.die(process, this.between(0, KILL_MS), { signal: "SIGABRT" });
        }
        return;
      case "kill":
        process.serving = false;
        process.told = true;
        process.beatAt = process.closeAt = Infinity;
        // What it said last may be on its way.
        if (this.chance(0.9)) process.readyAt = Infinity;
        return this.die(process, this.between(0, KILL_MS), {
          signal: "SIGKILL",
        });
    }
  }

  /** What a count shows: anything, since any number of clients may connect. */
  countQueues({ children }: PoolState): PoolEvent {
    if (this.fault(0.0005)) {
      return { type: "queues-counted", waiting: undefined, ms: 0 };
    }
    const waiting: Record<number, number[]> = {};
    for (const { sockets: { id, queues } } of children) {
      waiting[id] ??= Array.from(
        { length: queues },
        () => this.chance(0.3) ? Math.ceil(this.between(0, 3)) : 0,
      );
    }
    return { type: "queues-counted", waiting, ms: this.between(0, 10) };
  }

  /** Lets a process begin to go; one that is blocked goes on accepting, or does so once it is not. */
  #close(process: Process): void {
    process.told = true;
    process.serving = false;
    if (!process.accepting || this.fault(0.1)) return;
    process.closeAt = Math.min(
      process.closeAt,
      this.now + this.between(0, 3000) * this.random() ** 4,
    );
  }

  #ownQueue({ slot, sockets }: Process): number {
    return ownQueue(slot, sockets.queues);
  }

  #open({ opened, sockets }: Process, queue: number): void {
    opened.add(queue);
    this.opened[sockets.id] = (this.opened[sockets.id] ?? 0) | (1 << queue);
  }

  #spawn(age: number, state: PoolState): void {
    const child = state.children.find((one) => one.age === age);
    if (child === undefined) throw new Error(`no child of age ${age}`);
    const { slot, generation, sockets, limits } = child;
    const process: Process = {
      age,
      slot,
      generation,
      sockets,
      limits,
      readyAt: this.now + this.between(10, limits.bootMs * 0.9),
      beatAt: Infinity,
      exitAt: Infinity,
      exit: { code: 0 },
      serving: false,
      accepting: false,
      closeAt: Infinity,
      told: false,
      hung: false,
      opened: new Set(),
    };
    this.processes.set(age, process);
    const fails = this.broken.has(generation) || this.fault(0.1);
    if (fails) {
      process.readyAt = Infinity;
      const exits = [{ code: 4 }, { code: 3 }, { code: 0 }, {
        signal: "SIGSEGV",
      }, { error: new Error("ENOENT") }];
      const exit = exits[Math.floor(this.random() * exits.length)] as Exit;
      this.die(process, this.between(0, limits.bootMs / 2), exit);
    } else if (this.fault(0.05)) {
      process.readyAt = this.now + limits.bootMs * this.between(1, 3);
    }
  }
}
