/** What the log says of workers that could not boot: all of a broken app's fail alike, and once is enough. */
import type { Logger } from "../../log/error/logger.ts";

export class FailureLog {
  readonly #log: Pick<Logger, "error">;
  #last = "";

  constructor(log: Pick<Logger, "error">) {
    this.#log = log;
  }

  /** Says why a worker failed, unless that was the last that was said. */
  tell({ message, stack }: { message: string; stack: string }): void {
    const text = stack === "" ? message : `${message}\n${stack}`;
    if (text === this.#last) return;
    this.#last = text;
    this.#log.error(text);
  }

  /** Lets it be said again. */
  forget(): void {
    this.#last = "";
  }
}
