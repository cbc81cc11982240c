/** Promises that end together. */

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

export class Waiters {
  #waiting: Waiter[] = [];

  /** A promise that resolves or rejects with all the others. */
  join(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#waiting.push({ resolve, reject })
    );
  }

  /** Takes over the promises of another set. */
  takeFrom(others: Waiters): void {
    this.#waiting.push(...others.#waiting.splice(0));
  }

  resolve(): void {
    for (const waiter of this.#waiting.splice(0)) waiter.resolve();
  }

  reject(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
