/** An engine without a network. */
import type {
  Address,
  Engine,
  EngineOptions,
  Source,
} from "../../../src/runtime/runtime.ts";

/** An engine that serves nobody. */
export class FakeEngine implements Engine {
  readonly name = "fake";
  readonly options: EngineOptions;
  readonly opened: Source[] = [];
  readonly released: number[] = [];
  /** False for an engine that cannot. */
  releases = true;
  /** How many of the next calls of `open` fail, as with a full table of descriptors. */
  failing = 0;
  closed = false;
  drained = Promise.withResolvers<void>();
  draining = false;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  open(source: Source): Promise<Address> {
    if (this.failing > 0) {
      this.failing--;
      return Promise.reject(new Error("EMFILE: too many open files"));
    }
    this.opened.push(source);
    return Promise.resolve(source.address);
  }

  release(descriptor: number): boolean {
    this.released.push(descriptor);
    return this.releases;
  }

  drain(closed?: () => void): Promise<void> {
    this.draining = true;
    closed?.();
    return this.drained.promise;
  }

  close(): void {
    this.closed = true;
  }
}
