/** How far a reload is, and what it ends with, by what the pool says meanwhile. */
import { messageOf } from "../base/errors.ts";
import type { LogLine } from "./chronicle.ts";
import { failureOf } from "./operations.ts";
import type { Operation } from "./operations.ts";
import type { News, Subject } from "./subject.ts";

/** Between two words about a canary. */
const CANARY_MS = 1000;

export class ReloadProgress {
  readonly #operation: Operation;
  readonly #subject: Pick<Subject, "after" | "canary" | "pid">;
  #ready = 0;
  /** What the arbiter warned of before the roll-out began: it is about what was read. */
  #warnings: string[] = [];
  #begun = false;
  /** What the roll-out ended with; undefined where it has not, or there was none. */
  #end: News | undefined;

  constructor(
    operation: Operation,
    subject: Pick<Subject, "after" | "canary" | "pid">,
  ) {
    this.#operation = operation;
    this.#subject = subject;
  }

  /** Takes a line of the log. */
  log({ level, pid, text }: LogLine): void {
    if (this.#begun || level === "info" || pid !== this.#subject.pid) return;
    this.#warnings.push(text);
  }

  /** Takes what the pool says. */
  note(news: News): void {
    switch (news.about) {
      case "rollout":
        return this.#begin(news);
      case "rollout-superseded":
        this.#begun = false;
        this.#warnings = [];
        return;
      case "ready":
        return this.#count(news);
      case "canary":
        this.#say(news);
        return this.#tellCanary();
      case "canary-passed":
        return this.#say(news);
      case "rolled-out":
      case "rollout-failed":
        this.#end = news;
    }
  }

  done(): void {
    if (this.#warnings.length > 0) {
      this.#operation.change({ warnings: this.#warnings });
    }
    this.#operation.done(this.#end?.text ?? "Reload done");
  }

  /** Fails by the worker that the roll-out failed by, or by what kept it from beginning. */
  fail(error: unknown): void {
    const end = this.#end;
    if (end?.about !== "rollout-failed") {
      return this.#operation.fail(
        `Reload refused, nothing changes: ${messageOf(error)}`,
      );
    }
    this.#operation.fail(end.text ?? "Reload failed", failureOf(end));
  }

  #begin({ generation, wanted = 0 }: News): void {
    if (generation === undefined) return;
    this.#begun = true;
    this.#ready = 0;
    this.#operation.change({
      generation,
      message: `Generation ${generation} boots`,
      progress: { ready: 0, wanted },
    });
  }

  /** Counts a worker of the new generation that is ready. */
  #count({ worker }: News): void {
    const { generation, progress } = this.#operation.report;
    if (progress === undefined || worker?.generation !== generation) return;
    this.#ready = Math.min(progress.wanted, this.#ready + 1);
    this.#operation.change({ progress: { ...progress, ready: this.#ready } });
  }

  #say({ text }: News): void {
    const { message } = this.#operation.report;
    this.#operation.change({ message: text ?? message });
  }

  /** Tells how the canary does, as often as it is judged. */
  #tellCanary(): void {
    this.#subject.after(CANARY_MS, () => {
      const canary = this.#operation.over ? undefined : this.#subject.canary();
      if (canary === undefined) return;
      this.#operation.change({ canary });
      this.#tellCanary();
    });
  }
}
