/** A small HTTP/1.1 server: what is behind an open door. */
import type { Closeable, Stream, StreamEvents } from "../../runtime/runtime.ts";
import { Connection } from "./connection.ts";
import type { DoorRules } from "./judge.ts";
import { IDLE_MS } from "./limits.ts";

export type { DoorRules } from "./judge.ts";

export interface ServerOptions extends DoorRules {
  /** Clients that may ask at a time, and clients that may listen to events beside them. */
  readonly most: number;
  readonly clock: {
    now(): number;
    after(ms: number, run: () => void): Closeable;
  };
  report(error: unknown): void;
}

const CHECK_MS = 1000;

/** All connections, by those that may ask. */
const MOST_ENDING = 4;

/** Until a client goes on that has asked for much at once. */
const TURN_MS = 1;

/** So long one that asks for nothing is kept while others wait for its place. */
const SPARED_MS = 1000;

export class DoorServer {
  readonly #options: ServerOptions;
  readonly #connections = new Set<Connection>();
  #timer: Closeable | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /**
   * True where one more client may ask. The one that keeps the door waiting for
   * longest makes room, and one whose connection ends: clients that stay do not
   * keep others out.
   */
  makeRoom(): boolean {
    const { most } = this.#options;
    const many = this.#connections.size >= MOST_ENDING * most;
    if (many && !this.#cutEnding()) return false;
    return this.#count(({ asks }) => asks) < most || this.#endIdlest();
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

  #endIdlest(): boolean {
    let idlest: Connection | undefined;
    let since = this.#options.clock.now() - SPARED_MS;
    for (const one of this.#connections) {
      const { idleSince = Infinity } = one;
      if (idleSince > since) continue;
      since = idleSince;
      idlest = one;
    }
    idlest?.close();
    return idlest !== undefined;
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
      report,
      later: (run) => void clock.after(TURN_MS, run),
      onClose: (one) => {
        this.#connections.delete(one);
        if (this.#connections.size === 0) this.#rest();
      },
    });
    this.#connections.add(connection);
    this.#timer ??= clock.after(CHECK_MS, () => this.#check());
    return connection;
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
