/** What the arbiter knows of one worker, and what that lives under. */

/**
 * `booting`: spawned, not ready. `ready`: serves. `draining`: was told to
 * finish what is open. `ending`: was told to exit or killed.
 */
export type Phase = "booting" | "ready" | "draining" | "ending";

/** The arbiter's record of one worker. Times are milliseconds that the arbiter has lived through. */
export interface Child {
  /** The number it got when spawned, rising by one. */
  readonly age: number;
  readonly slot: number;
  readonly generation: number;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: number;
  readonly lastBeat: number;
  /** Its last beat said that the next ones follow every 250 ms. */
  readonly busy: boolean;
  /** Busy and silent for longer than a beat may take. */
  readonly late: boolean;
  /** How often it was looked into during this silence, see silence.ts. */
  readonly examined: number;
  /** Its silence counts for nothing: it writes down what it has in memory. */
  readonly held: boolean;
  /** Asked to be replaced: drains once another child is ready in its slot. */
  readonly retiring: boolean;
  /** When it was sent ABRT for its silence. */
  readonly abortedAt: number | undefined;
  /** Said of itself that it accepts no more. */
  readonly closed: boolean;
  /** Was sent KILL: nothing more can be done but wait. */
  readonly killed: boolean;
  /** Queues it accepts from. */
  readonly queues: readonly number[];
  /** What its generation lives under and listens on. */
  readonly limits: Limits;
  readonly sockets: Sockets;
}

/** How a slot's workers have fared. */
export interface SlotRecord {
  /** Failures in a row. */
  readonly failures: number;
  /** No spawn before this time. */
  readonly notBefore: number;
}

/** Limits in milliseconds. */
export interface Limits {
  readonly bootMs: number;
  /** 0 is off. */
  readonly silenceMs: number;
  /** After how long a block is told of; 0 is off. */
  readonly slowMs: number;
  readonly gracefulMs: number;
  readonly drainDelayMs: number;
  /** True where it is told once that workers block often: another class of workers may suit them. */
  readonly tellsBlocks?: boolean;
  /** The slot whose worker may stand still for a debugger; undefined or 0 for none. */
  readonly inspected?: number;
}

/** The listening sockets of a generation. */
export interface Sockets {
  /** The same for generations that have the same sockets. */
  readonly id: number;
  /** Accept queues an address; 0 where workers bind for themselves. */
  readonly queues: number;
  /** Queues that its workers have descriptors of, where a reload has added some: in use once all workers have them. */
  readonly bound?: number;
  /** True where no worker has listened on any of them before: connections come to a queue only once one does. */
  readonly fresh: boolean;
}
