/** What a worker is told when it says hello: what it is to load and serve, and how careful it has to be. */
import { VERSION } from "../../base/version.ts";
import type { BootMessage } from "../../protocol/messages.ts";
import { bootMessage } from "../generations/generation.ts";
import type { Generation } from "../generations/generation.ts";
import type { StartedProcess } from "./starter.ts";

export interface BootsOptions {
  readonly runtime: { random(): number };
  /** True to show failures to clients. */
  readonly dev: boolean;
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
}

export class Boots {
  readonly #options: BootsOptions;
  /** Generations of which a worker was ready. */
  readonly #proven = new WeakSet<Generation>();
  /** Generations of which a worker says what all would. */
  readonly #told = new WeakSet<Generation>();
  /** True once any worker was ready. */
  #serves = false;
  /** The corn of the last worker that said hello. */
  #corn = VERSION;

  constructor(options: BootsOptions) {
    this.#options = options;
  }

  /** A worker of the generation is ready. */
  proved(generation: Generation): void {
    this.#serves = true;
    this.#proven.add(generation);
  }

  /** What is to be told of a worker's version of corn: a line where it is another than the last one's, and not the arbiter's. */
  greeted(corn: string): string | undefined {
    const before = this.#corn;
    if (corn === before || corn === "") return undefined;
    this.#corn = corn;
    return corn === VERSION
      ? undefined
      : `Workers run corn ${corn} from now on, and this arbiter is corn ${VERSION}: "corn upgrade", or USR2, replaces it`;
  }

  /** The boot message of a worker; `mark` is that of its flight record. */
  message(
    { order, release, counts, child }: StartedProcess,
    mark: string,
  ): BootMessage {
    const { generation, slot, queue, age, number } = order;
    const { runtime, dev, shared } = this.#options;
    const replaces = this.#serves || shared();
    let next = 0;
    const boot = bootMessage(generation, {
      release,
      slot,
      age,
      number,
      queue,
      random: runtime.random,
      dev,
      check: false,
      served: this.#proven.has(generation),
      proven: !replaces || this.#proven.has(generation),
      tells: !this.#told.has(generation),
      descriptors: counts.map((count) =>
        child.descriptors.slice(next, next += count)
      ),
    });
    this.#told.add(generation);
    return { ...boot, mark };
  }
}
