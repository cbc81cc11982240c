/** What every worker is asked for as long as it serves: those that are there, and those to come. */
import type { ArbiterMessage } from "../../protocol/messages.ts";

/** What needs figures of workers. */
export type FigureUser = "metrics" | "pool" | "person" | "trial";

/** For these they time their answers, too. */
const TIMED: readonly FigureUser[] = ["person", "trial"];

const WATCH: ArbiterMessage = { type: "watch" };

export class StandingOrders {
  /** Milliseconds between two figures, by what needs them; 0 for none. */
  readonly #wishes: Record<FigureUser, number> = {
    metrics: 0,
    pool: 0,
    person: 0,
    trial: 0,
  };
  #everyMs = 0;
  #watching = false;

  /** What a worker is told that has just become ready. */
  messages(): ArbiterMessage[] {
    return [
      ...this.#watching ? [WATCH] : [],
      ...this.#everyMs > 0 ? [this.figure()] : [],
    ];
  }

  /** Has workers get ready to tell where they are blocked; undefined where they were told. */
  watch(): ArbiterMessage | undefined {
    if (this.#watching) return undefined;
    this.#watching = true;
    return WATCH;
  }

  /** Has workers tell figures each `wishedMs`, or more often where another needs them so, 0 for not at all; undefined where that changes nothing. */
  tellFigures(user: FigureUser, wishedMs: number): ArbiterMessage | undefined {
    const timed = this.#timed;
    this.#wishes[user] = wishedMs;
    const wishes = Object.values(this.#wishes).filter((ms) => ms > 0);
    const everyMs = wishes.length === 0 ? 0 : Math.min(...wishes);
    if (everyMs === this.#everyMs && timed === this.#timed) return undefined;
    this.#everyMs = everyMs;
    return this.figure();
  }

  /** Has workers tell figures now, and as before from then on. */
  figure(): ArbiterMessage {
    return {
      type: "figure",
      everyMs: this.#everyMs,
      ...this.#timed && { seen: true },
    };
  }

  get #timed(): boolean {
    return TIMED.some((user) => this.#wishes[user] > 0);
  }
}
