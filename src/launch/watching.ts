/** What measures for a person who looks: loaded once corn serves, and at work while there is one. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import type { Onlookers } from "../arbiter/onlookers.ts";
import type { Runtime } from "../runtime/runtime.ts";

export interface WatchingOptions {
  readonly runtime: Runtime;
  arbiter(): Arbiter;
}

export class Watching {
  readonly #options: WatchingOptions;
  #onlookers: Onlookers | undefined;

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { Onlookers } = await import("../arbiter/onlookers.ts");
    const { runtime, arbiter } = this.#options;
    this.#onlookers ??= new Onlookers({
      runtime,
      tellFigures: (everyMs) =>
        arbiter().measuring.tellFigures("person", everyMs),
      askFigures: () => arbiter().measuring.askFigures(),
      ages: () =>
        (arbiter().view.state?.children ?? [])
          .filter(({ phase }) => phase === "ready").map(({ age }) => age),
    });
  }

  /** Undefined before it was loaded. */
  get loaded(): Onlookers | undefined {
    return this.#onlookers;
  }

  /** @throws an Error before it was loaded */
  get onlookers(): Onlookers {
    if (this.#onlookers === undefined) throw new Error("Not loaded");
    return this.#onlookers;
  }

  close(): void {
    this.#onlookers?.close();
  }
}
