/** Where a worker accepts from: queues of the arbiter's sockets, or addresses it binds itself. */
import type { BootListener } from "../protocol/messages.ts";
import type { Address, Engine } from "../runtime/runtime.ts";
import type { Booted } from "./boot.ts";
import type { WorkerHost } from "./worker-host.ts";

export class Queues {
  readonly #listeners: readonly BootListener[];
  readonly #engine: Engine;
  /** Queues it accepts from, and their sockets. */
  readonly #queues = new Set<number>();
  readonly #opened = new Set<number>();

  constructor(listeners: readonly BootListener[], engine: Engine) {
    this.#listeners = listeners;
    this.#engine = engine;
  }

  /** Accepts from the worker's own queue, or from addresses of its own where it cannot. */
  async begin(
    queue: number,
    { servesDescriptors }: Pick<Booted, "servesDescriptors">,
    { runtime, say }: WorkerHost,
  ): Promise<Address[]> {
    const inherits = this.#listeners.some((one) => one.descriptors.length > 0);
    if (inherits && servesDescriptors) {
      return await this.open(queue);
    }
    if (inherits) {
      say(
        "warning",
        `Cannot accept from inherited sockets with ${runtime.name}'s own server, which may need a permission: binding the addresses with SO_REUSEPORT instead; --http wire needs none`,
      );
    }
    return await this.#bind();
  }

  /** Binds every address. */
  async #bind(): Promise<Address[]> {
    const opened: Address[] = [];
    for (const { address } of this.#listeners) {
      opened.push(await this.#engine.open({ kind: "address", address }));
    }
    return opened;
  }

  /** Accepts from one queue of every address; an address with fewer queues gives the one that stands in for it. */
  async open(queue: number): Promise<Address[]> {
    this.#queues.add(queue);
    const opened: Address[] = [];
    for (const { address, descriptors } of this.#listeners) {
      const descriptor = descriptors[queue % descriptors.length];
      if (descriptor === undefined || this.#opened.has(descriptor)) continue;
      this.#opened.add(descriptor);
      try {
        opened.push(
          await this.#engine.open({ kind: "descriptor", descriptor, address }),
        );
      } catch (error) {
        this.#opened.delete(descriptor);
        throw error;
      }
    }
    return opened;
  }

  /** True until the queue is left to others. */
  wants(queue: number): boolean {
    return this.#queues.has(queue);
  }

  /** Leaves a queue to others. An engine that cannot goes on accepting, which does no harm. */
  release(queue: number): void {
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
