/** The metrics that the app has of itself, told to the arbiter. */
import { messageOf } from "../../base/errors.ts";
import type { WorkerHost } from "./worker-host.ts";

/** A text that is longer is not told: a message has an end, see `SpawnOptions.onOverlong`. */
const MAX_TEXT = 512 * 1024;

/** What a text may be as JSON, where a control character becomes six. */
const MAX_WRITTEN = 2 * MAX_TEXT;

/** @throws RangeError for metrics that are too much to be told */
export function demandTellable(text: string): void {
  const { length } = text;
  if (length > MAX_TEXT || JSON.stringify(text).length > MAX_WRITTEN) {
    throw new RangeError(
      `it has ${length} characters, more than the ${MAX_TEXT} that may be told`,
    );
  }
}

/** What they may take at the end. */
const LAST_MS = 500;

/** Who has not answered for so long is not asked again before that; a scrape waits as long. */
const SLOW_MS = 500;

/** So many reasons are told why they cannot be read: some are other ones each time. */
const MOST_REASONS = 4;

export class AppMetrics {
  readonly #host: WorkerHost;
  readonly #read: () => unknown;
  readonly #told = new Set<string>();
  /** The question that the app has not answered yet. */
  #asked: { readonly at: number; readonly answer: Promise<void> } | undefined;
  /** What was read last: it counts while nothing can be read. */
  #last = "";

  constructor(host: WorkerHost, read: () => unknown) {
    this.#host = host;
    this.#read = read;
  }

  /** Tells that there are some, and what they are as soon as the app says. */
  begin(): Promise<void> {
    // The arbiter asks only workers that have sent metrics once, and the app may have none to give yet.
    this.#send(0);
    return this.tell();
  }

  /** Tells them, as the answer to a question or without one. */
  async tell(id = 0): Promise<void> {
    const { clock } = this.#host.runtime;
    const asked = this.#asked ??= {
      at: clock.now(),
      answer: this.#ask().then(() => void (this.#asked = undefined)),
    };
    if (clock.now() - asked.at < SLOW_MS) await asked.answer;
    else this.#complain("it has not answered the last question yet");
    this.#send(id);
  }

  /** Reads them; never rejects. */
  async #ask(): Promise<void> {
    try {
      const text = await this.#read();
      if (typeof text !== "string") {
        throw new TypeError("it gave no text");
      }
      demandTellable(text);
      this.#last = text;
    } catch (error) {
      this.#complain(messageOf(error));
    }
  }

  #complain(reason: string): void {
    if (this.#told.has(reason) || this.#told.size === MOST_REASONS) return;
    this.#told.add(reason);
    this.#host.say("warning", `Cannot read the app's metrics: ${reason}`);
  }

  #send(id: number): void {
    this.#host.send({ type: "metrics", id, text: this.#last });
  }

  /** Tells them for the last time, as far as that goes within half a second. */
  tellLast(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#host.runtime.clock.after(LAST_MS, resolve);
      // What was asked before does not count all.
      const asked = this.#asked?.answer ?? Promise.resolve();
      void asked.then(() => this.tell()).then(() => {
        timer.close();
        resolve();
      });
    });
  }
}
