/**
 * Waits for many descriptors at once, by epoll(7) beside Deno's own event loop
 * (DENO-NET-SLOW): what is ready is looked for in each of its turns, and once
 * there is nothing a thread waits for the next.
 */
import process from "node:process";
import type { Pointer, SocketCalls } from "./socket-calls.ts";
import { setImmediate } from "../shared/originals/originals.ts";
import { microtask } from "../../src/base/promise.ts";

export const EPOLLIN = 1;
export const EPOLLOUT = 4;
export const EPOLLERR = 8;
export const EPOLLHUP = 16;
const EPOLLET = 1 << 31;
const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

const ADD = 1;
const DELETE = 2;
const MODIFY = 3;

/** Events that are taken at once; after them others have their turn. */
const MOST = 64;

/** `struct epoll_event` in words of 32 bits: packed on x86-64, aligned elsewhere. */
const WORDS = process.arch === "x64" ? 3 : 4;
const DATA = process.arch === "x64" ? 1 : 2;

/** What is told of a descriptor. */
export interface Watched {
  /** A set of events. */
  onReady(events: number): void;
  /** Called when the thread ends: it is told of no more events. */
  onThreadEnd?(): void;
}

/** A descriptor that is waited for. */
export class Watch {
  readonly #loop: EventLoop;
  readonly descriptor: number;
  /** Tells it from others that had the same descriptor. */
  readonly serial: number;
  readonly watched: Watched;
  #events = 0;

  constructor(
    loop: EventLoop,
    { descriptor, serial, watched }: Pick<
      Watch,
      "descriptor" | "serial" | "watched"
    >,
  ) {
    this.#loop = loop;
    this.descriptor = descriptor;
    this.serial = serial;
    this.watched = watched;
  }

  /** Waits for these events, errors among them; for nothing at all with -1. */
  listen(events: number): void {
    if (events === this.#events) return;
    const before = this.#events;
    this.#events = events;
    const how = before === -1 ? ADD : events === -1 ? DELETE : MODIFY;
    this.#loop.control(how, this, events);
  }

  /** Waits no more; call it before the descriptor is closed. */
  end(): void {
    if (this.#events !== -1) this.listen(-1);
    this.#loop.forget(this);
  }

  /** Begins to wait. @throws where the system cannot */
  begin(events: number): void {
    this.#events = events;
    if (this.#loop.control(ADD, this, events) === 0) return;
    this.#loop.forget(this);
    throw new Error(`epoll_ctl: errno ${this.#loop.calls.errno()}`);
  }
}

export class EventLoop {
  readonly calls: SocketCalls;
  readonly #quietTurns: number;
  readonly #epoll: number;
  /** Wakes the thread. */
  readonly #bell: number;
  readonly #events = new Uint32Array(WORDS * MOST);
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  /** What the thread writes to: an array's memory goes with the thread that has made it, while this one waits on (2.9.5, DENO-FFI-ENDS). */
  readonly #awaited: Pointer;
  readonly #event = new Uint32Array(WORDS);
  readonly #oneByte = new Uint8Array(this.#event.buffer);
  /** By descriptor. */
  readonly #watches: (Watch | undefined)[] = [];
  #size = 0;
  #serial = 0;
  #running = false;
  #asleep = false;
  #quiet = 0;
  readonly #turn = () => this.#look();

  /** `quietTurns` are those with nothing to do before a thread is asked. @throws where the system gives no epoll */
  constructor(calls: SocketCalls, quietTurns: number) {
    this.calls = calls;
    this.#quietTurns = quietTurns;
    this.#epoll = calls.epoll_create1(EPOLL_CLOEXEC);
    this.#bell = calls.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    this.#awaited = calls.calloc(1n, BigInt(this.#eventBytes.length));
    if (this.#epoll < 0 || this.#bell < 0 || this.#awaited === null) {
      throw new Error(`epoll_create1: errno ${calls.errno()}`);
    }
    this.#put(ADD, this.#bell, 0, EPOLLIN | EPOLLET);
  }

  /** Waits for events of a descriptor. @throws where the system cannot */
  watch(descriptor: number, events: number, watched: Watched): Watch {
    this.#serial = (this.#serial + 1) >>> 0;
    const serial = this.#serial;
    const watch = new Watch(this, { descriptor, serial, watched });
    this.#watches[descriptor] = watch;
    this.#size++;
    watch.begin(events);
    this.#start();
    return watch;
  }

  control(how: number, { descriptor, serial }: Watch, events: number): number {
    return this.#put(how, descriptor, serial, Math.max(0, events));
  }

  forget(watch: Watch): void {
    if (this.#watches[watch.descriptor] !== watch) return;
    this.#watches[watch.descriptor] = undefined;
    // A thread that waits would keep the process alive.
    if (--this.#size === 0 && this.#asleep) {
      this.calls.eventfd_write(this.#bell, 1n);
    }
  }

  /** The thread ends: what others wait for too is told to them, and clients hear of it. */
  end(): void {
    for (const watch of [...this.#watches]) {
      if (watch === undefined) continue;
      watch.end();
      watch.watched.onThreadEnd?.();
    }
  }

  /** Tells of what has come until now, of which a thread that waits would tell later. */
  catchUp(): void {
    // The bell, which has no second ring, rings where nothing is watched.
    if (!this.#asleep || this.#size === 0) return;
    this.#tell(this.#poll());
  }

  #poll(): number {
    return this.calls.epoll_wait(this.#epoll, this.#eventBytes, MOST, 0);
  }

  #put(how: number, descriptor: number, serial: number, events: number) {
    this.#event[0] = events;
    this.#event[DATA] = descriptor;
    this.#event[DATA + 1] = serial;
    return this.calls.epoll_ctl(this.#epoll, how, descriptor, this.#oneByte);
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(this.#turn);
  }

  #look(): void {
    const count = this.#poll();
    if (count > 0) {
      this.#quiet = 0;
      this.#tell(count);
    } else if (this.#size === 0) {
      this.#running = false;
      return;
    } else if (++this.#quiet > this.#quietTurns) {
      this.#quiet = 0;
      return void this.#sleep();
    }
    setImmediate(this.#turn);
  }

  async #sleep(): Promise<void> {
    this.#asleep = true;
    const count = await this.calls.wait(
      this.#epoll,
      this.#awaited,
      MOST,
      -1,
    );
    this.#asleep = false;
    this.calls.copy(this.#awaited, this.#eventBytes);
    // Less than none after a signal.
    this.#tell(count);
    setImmediate(this.#turn);
  }

  #tell(count: number): void {
    const events = this.#events;
    for (let at = 0; at < count * WORDS; at += WORDS) {
      const watch = this.#watches[events[at + DATA]!];
      // It may have ended in this very turn.
      if (watch === undefined || watch.serial !== events[at + DATA + 1]) {
        continue;
      }
      try {
        watch.watched.onReady(events[at]!);
      } catch (error) {
        // Uncaught as from any event, and the others are told all the same.
        microtask(() => {
          throw error;
        });
      }
    }
  }
}
