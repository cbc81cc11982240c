/** A small HTTP/1.1 server: what is behind an open door. */
import type { Closeable, Stream, StreamEvents } from "../../runtime/runtime.ts";
import { Connection } from "./connection.ts";
import type { DoorRules } from "./judge.ts";
import { IDLE_MS } from "./limits.ts";

export type { DoorRules } from "./judge.ts";

export interface ServerOptions extends DoorRules {
  /** Answers that may be waited for at a time, and clients that may listen to events beside them. */
  readonly most: number;
  readonly clock: {
    now(): number;
    after(ms: number, run: () => void): Closeable;
  };
  report(error: unknown): void;
}

const CHECK_MS = 1000;

/**
 * Connections that may ask, by the answers that may be waited for: so many that
 * of a flood of new ones each has its time to ask before it makes room.
 */
const MOST_ASKING = 8;

/** All connections, by the same. */
const MOST_OPEN = 16;

/** Until a client goes on that has asked for much at once, and by the time that the last of them took. */
const TURN_MS = 1;
const TURN_REST = 3;

export class DoorServer {
  readonly #options: ServerOptions;
  readonly #connections = new Set<Connection>();
  #timer: Closeable | undefined;
  /** What those go on with that have asked for much at once; the first stays while it is run. */
  readonly #turns: (() => void)[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /**
   * Lets one more client in. Where there are many, one that keeps the door
   * waiting makes room at once, and one whose connection ends: clients that
   * stay, or keep coming, do not keep others out. False where none can.
   */
  makeRoom(): boolean {
    const { most } = this.#options;
    const many = this.#connections.size >= MOST_OPEN * most;
    if (many && !this.#cutEnding()) return false;
    return this.#count(({ asks }) => asks) < MOST_ASKING * most ||
      this.#endIdlest();
  }

  #cutEnding(): boolean {
    for (const one of this.#connections) {
      if (!one.ends) continue;
      this.#connections.delete(one);
      one.cut();
      return true;
    }
    return false;
  }

  /** Ends the one that has kept the door waiting for longest, of those from where most come. */
  #endIdlest(): boolean {
    const { asking, most } = this.#neighbours();
    let idlest: Connection | undefined;
    for (const one of this.#connections) {
      const { idleSince, origin } = one;
      if (idleSince === undefined || asking.get(origin) !== most) continue;
      if (idleSince < (idlest?.idleSince ?? Infinity)) idlest = one;
    }
    idlest?.close();
    return idlest !== undefined;
  }

  /** How many that keep the door waiting come from where, and the most of one. */
  #neighbours(): { asking: Map<string | undefined, number>; most: number } {
    const asking = new Map<string | undefined, number>();
    let most = 0;
    for (const { idleSince, origin } of this.#connections) {
      if (idleSince === undefined) continue;
      const count = (asking.get(origin) ?? 0) + 1;
      asking.set(origin, count);
      most = Math.max(most, count);
    }
    return { asking, most };
  }

  /** True where one more may listen; of those that have read nothing for long the one gives its place that has for longest. */
  #mayListen(): boolean {
    const { most, clock } = this.#options;
    if (this.#count(({ listens }) => listens) < most) return true;
    let stuck: Connection | undefined;
    let since = clock.now() - IDLE_MS;
    for (const one of this.#connections) {
      const { stuckSince = Infinity } = one;
      if (stuckSince > since) continue;
      since = stuckSince;
      stuck = one;
    }
    stuck?.close();
    return stuck !== undefined;
  }

  #count(counts: (connection: Connection) => boolean): number {
    let count = 0;
    for (const one of this.#connections) if (counts(one)) count++;
    return count;
  }

  /** Serves a connection. */
  accept(stream: Stream): StreamEvents {
    const { clock, report } = this.#options;
    const connection = new Connection(stream, {
      rules: this.#options,
      now: () => clock.now(),
      mayListen: () => this.#mayListen(),
      // It is one of them itself.
      mayWait: () =>
        this.#count(({ answers }) => answers) <= this.#options.most,
      report,
      later: (run) => {
        this.#turns.push(run);
        if (this.#turns.length === 1) this.#takeTurn(TURN_MS);
      },
      onClose: (one) => {
        this.#connections.delete(one);
        if (this.#connections.size === 0) this.#rest();
      },
    });
    this.#connections.add(connection);
    this.#timer ??= clock.after(CHECK_MS, () => this.#check());
    return connection;
  }

  /** Lets one after the other go on, each after a rest, so that other work of this process goes on too. */
  #takeTurn(restMs: number): void {
    const { clock } = this.#options;
    clock.after(restMs, () => {
      const from = clock.now();
      this.#turns[0]?.();
      this.#turns.shift();
      const tookMs = clock.now() - from;
      if (this.#turns.length === 0) return;
      this.#takeTurn(Math.max(TURN_MS, TURN_REST * tookMs));
    });
  }

  #check(): void {
    const now = this.#options.clock.now();
    this.#timer = undefined;
    for (const one of this.#connections) one.check(now);
    if (this.#connections.size === 0) return;
    this.#timer = this.#options.clock.after(CHECK_MS, () => this.#check());
  }

  #rest(): void {
    this.#timer?.close();
    this.#timer = undefined;
  }

  /** Ends all connections, each once what it asked is answered. */
  close(): void {
    for (const one of this.#connections) one.close();
  }

  /** True while a client waits for an answer or has not all of it. */
  get busy(): boolean {
    return [...this.#connections].some((one) => one.busy);
  }

  /** Ends what is left. */
  cut(): void {
    this.#rest();
    for (const one of this.#connections) one.cut();
    this.#connections.clear();
  }
}
