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
  closed = false;
  drained = Promise.withResolvers<void>();
  draining = false;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  open(source: Source): Promise<Address> {
    this.opened.push(source);
    return Promise.resolve(source.address);
  }

  release(descriptor: number): boolean {
    this.released.push(descriptor);
    return this.releases;
  }

  drain(): Promise<void> {
    this.draining = true;
    return this.drained.promise;
  }

  close(): void {
    this.closed = true;
  }
}
