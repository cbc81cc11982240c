/** Where a worker accepts from: queues of the arbiter's sockets, or addresses it binds itself. */
import { messageOf } from "../base/errors.ts";
import type { BootListener } from "../protocol/messages.ts";
import type { Address, Engine } from "../runtime/runtime.ts";
import type { Booted } from "./boot-options.ts";
import type { WorkerHost } from "./observe/worker-host.ts";

/** Until a queue that could not be opened is tried again. */
const RETRY_MS = 250;

export class Queues {
  readonly #listeners: readonly BootListener[];
  readonly #engine: Engine;
  readonly #host: Pick<WorkerHost, "runtime" | "say">;
  readonly #everyQueue: boolean;
  /** Queues it accepts from, and their sockets. */
  readonly #queues = new Set<number>();
  readonly #opened = new Set<number>();
  /** What is being opened. */
  readonly #openings = new Set<Promise<unknown>>();
  #halted = false;

  constructor(
    listeners: readonly BootListener[],
    { engine, host, everyQueue }: {
      engine: Engine;
      host: Pick<WorkerHost, "runtime" | "say">;
      /** True to accept from every queue of an address at all times. */
      everyQueue: boolean;
    },
  ) {
    this.#everyQueue = everyQueue;
    this.#listeners = listeners;
    this.#engine = engine;
    this.#host = host;
  }

  /** Accepts from the worker's own queue, or from addresses of its own where it cannot. */
  begin(
    queue: number,
    { servesDescriptors }: Pick<Booted, "servesDescriptors">,
  ): Promise<Address[]> {
    const inherits = this.#listeners.some((one) => one.descriptors.length > 0);
    if (inherits && servesDescriptors) {
      return this.#await(
        this.#everyQueue ? this.#openEvery(queue) : this.#open(queue),
      );
    }
    if (inherits) {
      const { runtime, say } = this.#host;
      say(
        "warning",
        `Cannot accept from inherited sockets with ${runtime.name}'s own server, which may need a permission: binding the addresses with SO_REUSEPORT instead; --http wire needs none`,
      );
    }
    return this.#await(this.#bind());
  }

  /** Accepts from a sibling's queue too; what fails now, as with a full table of descriptors, is tried again. */
  async takeOver(queue: number): Promise<void> {
    if (this.#halted) return;
    try {
      await this.#await(this.#open(queue));
    } catch (error) {
      const { runtime, say } = this.#host;
      say(
        "debug",
        `Cannot accept from queue ${queue + 1}: ${messageOf(error)}`,
      );
      runtime.clock.after(RETRY_MS, () => {
        if (this.#queues.has(queue)) void this.takeOver(queue);
      });
    }
  }

  /** Takes over nothing more; gives what to wait for where something is being opened, which would go on accepting. */
  halt(): Promise<unknown> | undefined {
    this.#halted = true;
    if (this.#openings.size > 0) return Promise.allSettled(this.#openings);
  }

  /** Lets `halt()` wait for it. */
  #await<T>(opening: Promise<T>): Promise<T> {
    this.#openings.add(opening);
    const end = () => void this.#openings.delete(opening);
    opening.then(end, end);
    return opening;
  }

  /** Binds every address. */
  async #bind(): Promise<Address[]> {
    const opened: Address[] = [];
    for (const { address, secure } of this.#listeners) {
      opened.push(
        await this.#engine.open({
          ...{ kind: "address", address },
          ...(secure && { secure }),
        }),
      );
    }
    return opened;
  }

  /** Accepts from its own queue, whose addresses it gives, and from all others. */
  async #openEvery(queue: number): Promise<Address[]> {
    const opened = await this.#open(queue);
    const counts = this.#listeners.map(({ descriptors }) => descriptors.length);
    for (let other = 0; other < Math.max(...counts); other++) {
      await this.#open(other);
    }
    return opened;
  }

  /** Accepts from one queue of every address; an address with fewer queues gives the one that stands in for it. */
  async #open(queue: number): Promise<Address[]> {
    this.#queues.add(queue);
    const opened: Address[] = [];
    for (const { address, descriptors, secure } of this.#listeners) {
      const descriptor = descriptors[queue % descriptors.length];
      if (descriptor === undefined || this.#opened.has(descriptor)) continue;
      this.#opened.add(descriptor);
      try {
        opened.push(
          await this.#engine.open({
            ...{ kind: "descriptor", descriptor, address },
            ...(secure && { secure }),
          }),
        );
      } catch (error) {
        this.#opened.delete(descriptor);
        throw error;
      }
    }
    return opened;
  }

  /** Leaves a queue to others. An engine that cannot goes on accepting, which does no harm. */
  release(queue: number): void {
    if (this.#everyQueue) return;
    this.#queues.delete(queue);
    for (const { descriptors } of this.#listeners) {
      const held = (one: number) => descriptors[one % descriptors.length];
      const descriptor = held(queue);
      if (descriptor === undefined || !this.#opened.has(descriptor)) continue;
      // An address with fewer queues has one socket for several.
      if ([...this.#queues].some((one) => held(one) === descriptor)) continue;
      if (this.#engine.release(descriptor)) this.#opened.delete(descriptor);
    }
  }
}
