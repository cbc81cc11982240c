/** Has workers measured for as long as a person looks, and for some seconds more. */
import type { FiguresMessage } from "../protocol/messages.ts";
import type { Closeable, Runtime } from "../runtime/runtime.ts";
import { LiveBoard } from "../telemetry/live-figures.ts";
import type { LiveFigures, LiveWorker } from "../telemetry/live-figures.ts";

const EVERY_MS = 1000;
/** After the last look. */
const KEEP_MS = 5000;
/** What the first figures are of: a person waits for them. */
const FIRST_MS = 250;
/** So long is waited for workers that do not answer, and so often is looked. */
const WAIT_MS = 300;
const LOOK_MS = 20;

export interface OnlookersOptions {
  readonly runtime: Pick<Runtime, "clock" | "self">;
  /** Has workers tell figures each `everyMs`; 0 for not at all. */
  tellFigures(everyMs: number): void;
  /** Has them tell figures now. */
  askFigures(): void;
  /** The workers that serve. */
  ages(): readonly number[];
}

/** What the arbiter itself takes. */
export interface ArbiterUse {
  /** Processors that it uses. */
  readonly cpu: number | null;
  readonly rssBytes: number;
}

export class Onlookers implements Closeable {
  readonly #options: OnlookersOptions;
  readonly #board = new LiveBoard();
  #until = 0;
  #timer: Closeable | undefined;
  /** Resolves once there are figures, since it was begun to look. */
  #first: Promise<void> | undefined;
  /** The arbiter's processor time at the last two moments. */
  #use: { at: number; cpuMs: number }[] = [];

  constructor(options: OnlookersOptions) {
    this.#options = options;
  }

  /** A person looks: resolves once figures are there, of workers that are not blocked. */
  look(): Promise<void> {
    const { clock } = this.#options.runtime;
    this.#until = clock.now() + KEEP_MS;
    if (this.#first !== undefined) return this.#first;
    this.#options.tellFigures(EVERY_MS);
    this.#tick();
    return this.#first = this.#begin();
  }

  onFigures(age: number, figures: FiguresMessage): void {
    if (this.#first === undefined) return;
    this.#board.note(age, figures, this.#options.runtime.clock.now());
  }

  onExited(age: number): void {
    this.#board.forget(age);
  }

  of(age: number): LiveWorker | undefined {
    return this.#board.of(age, this.#options.runtime.clock.now());
  }

  all(): LiveFigures {
    return this.#board.all(this.#options.runtime.clock.now());
  }

  arbiter(): ArbiterUse {
    const { rss } = this.#options.runtime.self.usage();
    const [one, other] = this.#use;
    const cpu = one === undefined || other === undefined || other.at <= one.at
      ? null
      : (other.cpuMs - one.cpuMs) / (other.at - one.at);
    return { cpu, rssBytes: rss };
  }

  close(): void {
    this.#timer?.close();
    this.#timer = this.#first = undefined;
    this.#use = [];
    this.#board.clear();
    this.#options.tellFigures(0);
  }

  async #begin(): Promise<void> {
    const { runtime: { clock }, askFigures, ages } = this.#options;
    const wait = (ms: number) =>
      new Promise<void>((resolve) => void clock.after(ms, resolve));
    await wait(FIRST_MS);
    askFigures();
    const until = clock.now() + WAIT_MS;
    while (clock.now() < until && !this.#board.knows(ages())) {
      await wait(LOOK_MS);
    }
    this.#note();
  }

  #tick(): void {
    const { clock } = this.#options.runtime;
    this.#note();
    this.#timer = clock.after(EVERY_MS, () => {
      if (clock.now() < this.#until) this.#tick();
      else this.close();
    });
  }

  #note(): void {
    const { clock, self } = this.#options.runtime;
    const [one, other] = this.#use;
    // Of the first figures the time is short.
    const whole = one && other && other.at - one.at > 0.9 * EVERY_MS;
    const from = whole ? other : one;
    const now = { at: clock.now(), cpuMs: self.usage().cpuMs };
    this.#use = from === undefined ? [now] : [from, now];
  }
}
