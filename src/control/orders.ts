/** What is begun by an order, and when it is done. */
import { countOf } from "../base/count.ts";
import { messageOf } from "../base/errors.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import type { Closeable } from "../runtime/runtime.ts";
import type { Chronicle } from "./chronicle.ts";
import { Refused } from "./door/route.ts";
import { failureOf } from "./operations.ts";
import type { Operation, Operations } from "./operations.ts";
import { ReloadProgress } from "./reload-progress.ts";
import type { News, RecordWish, Subject, WorkerFacts } from "./subject.ts";

export interface OrdersParts {
  readonly subject: Subject;
  readonly chronicle: Chronicle;
  readonly operations: Operations;
}

export class Orders {
  readonly #subject: Subject;
  readonly #chronicle: Chronicle;
  readonly #operations: Operations;

  constructor({ subject, chronicle, operations }: OrdersParts) {
    this.#subject = subject;
    this.#chronicle = chronicle;
    this.#operations = operations;
  }

  reload(how: ReloadOptions): Operation {
    this.#demandRunning();
    const operation = this.#operations.begin("reload", "Reading the config");
    const progress = new ReloadProgress(operation, this.#subject);
    const listening = this.#chronicle.listen((entry) => {
      if (entry.event === "log") progress.log(entry.data);
      else if (entry.data.pool === undefined) progress.note(entry.data);
    });
    this.#subject.reload(how)
      .then(() => progress.done(), (error) => progress.fail(error))
      .finally(() => listening.close());
    return operation;
  }

  stop(mode: "graceful" | "quick"): Operation {
    const operation = this.#operations.begin("stop", "Stopping");
    void this.#subject.stop(mode).then(() => operation.done("Stopped"));
    return operation;
  }

  scale(to: number | "auto"): Operation {
    this.#demandSettled();
    const operation = this.#operations.begin("scale", "Scaling");
    const served = new Set(
      this.#subject.facts().workers.filter(isReady).map(({ slot }) => slot),
    );
    const listening = this.#follow((news) => {
      // One that is replaced at the moment is another order's.
      if (served.has(news.worker?.slot ?? 0)) return;
      failBy(operation, news, "it is tried again");
    });
    this.#subject.scale(to);
    if (to === "auto") operation.done("The load decides the pool's size again");
    this.#until(operation, () => {
      const { wanted, workers } = this.#subject.facts();
      const live = workers.filter(isLive);
      const ready = live.filter(({ state }) => state !== "booting").length;
      operation.change({ progress: { ready, wanted } });
      return live.length === wanted && ready === wanted &&
        `Pool size is now ${wanted}`;
    }, () => listening.close());
    return operation;
  }

  reopen(): Operation {
    const operation = this.#operations.begin("reopen", "Reopening");
    const failures = this.#subject.reopen();
    if (failures.length > 0) operation.fail(failures.join("\n"));
    else operation.done("Log files reopened");
    return operation;
  }

  /** Replaces workers by others that are ready before. */
  restart(slot: number | "all"): Operation {
    this.#demandSettled();
    const old = slot === "all"
      ? this.#subject.facts().workers.filter(isReady)
      : [this.#workerAt(slot)];
    const operation = this.#operations.begin("restart", "Replacing");
    const slots = new Set(old.map((worker) => worker.slot));
    const listening = this.#follow((news) => {
      if (!slots.has(news.worker?.slot ?? 0)) return;
      failBy(operation, news, "the old worker serves on");
    });
    for (const { age } of old) this.#subject.recycle(age, "replace");
    this.#until(operation, () => {
      const { workers } = this.#subject.facts();
      const replaced = old.filter(({ slot, age }) =>
        workers.some((one) =>
          one.slot === slot && one.age > age && isReady(one)
        ) &&
        !workers.some((one) => one.age === age && isReady(one))
      );
      const progress = { ready: replaced.length, wanted: old.length };
      operation.change({ progress });
      return replaced.length === old.length &&
        `Replaced ${countOf(old.length, "worker")}`;
    }, () => listening.close());
    return operation;
  }

  /** Lets a worker finish what is open, and ends it; another takes its slot at once. */
  drain(slot: number): Operation {
    this.#demandRunning();
    const { age } = this.#workerAt(slot);
    const operation = this.#operations.begin("drain", "Draining");
    this.#subject.recycle(age, "drain");
    this.#untilGone(operation, slot, age);
    return operation;
  }

  kill(slot: number): Operation {
    const { age } = this.#find(slot, () => true);
    const operation = this.#operations.begin("kill", "Killing");
    this.#subject.kill(age);
    this.#untilGone(operation, slot, age);
    return operation;
  }

  /** Tells where a worker is blocked. */
  stack(slot: number): Operation {
    const { age } = this.#find(slot, isReady);
    const operation = this.#operations.begin("stack", "Looking");
    this.#subject.stackOf(age).then((found) => {
      if (found === undefined) {
        return operation.done(`Worker ${slot} is not blocked`);
      }
      const { ms, text, by, frames, thread } = found;
      const request = by === undefined
        ? null
        : { method: by.method, path: by.path };
      operation.change({
        blocked: {
          ...{ ms: Math.round(ms), request, frames },
          ...thread !== undefined && { thread },
        },
      });
      operation.done(text);
    }, (error) => operation.fail(messageOf(error)));
    return operation;
  }

  /** Has a worker write a profile or a heap snapshot. */
  record(slot: number, how: RecordWish): Operation {
    if (how.drain) this.#demandSettled();
    const { age } = this.#find(slot, isReady);
    const operation = this.#operations.begin(
      how.what,
      how.drain ? "Replacing, then recording" : "Recording",
    );
    const listening = this.#follow((news) => {
      if (!how.drain || news.worker?.slot !== slot) return;
      failBy(operation, news, "nothing is recorded, the old worker serves on");
      if (operation.over) this.#subject.forgoRecord(age);
    });
    this.#subject.record(age, how).then((file) => {
      operation.change({ file });
      operation.done(file);
    }, (error) => operation.fail(messageOf(error))).finally(() =>
      listening.close()
    );
    return operation;
  }

  upgrade(): Operation {
    this.#demandRunning();
    const operation = this.#operations.begin(
      "upgrade",
      "The new arbiter boots",
    );
    this.#subject.upgrade().then(
      (pid) =>
        operation.done(
          `pid ${pid} is ready; TERM to pid ${this.#subject.pid} leaves all to it, TERM to ${pid} takes the upgrade back`,
        ),
      (error) => operation.fail(messageOf(error)),
    );
    return operation;
  }

  #demandRunning(): void {
    const { state } = this.#subject.facts();
    if (state === "stopping") throw new Refused(409, "stopping", "corn stops");
  }

  #demandSettled(): void {
    this.#demandRunning();
    if (this.#subject.facts().state === "reloading") {
      throw new Refused(409, "reloading", "A reload goes on: wait for its end");
    }
  }

  /** The worker that serves in a slot. */
  #workerAt(slot: number): WorkerFacts {
    return this.#find(slot, isReady);
  }

  #find(
    slot: number,
    counts: (worker: WorkerFacts) => boolean,
  ): WorkerFacts {
    const all = this.#subject.facts().workers.filter((one) =>
      one.slot === slot
    );
    const found = all.find((one) => isLive(one) && counts(one)) ??
      all.find(counts);
    if (found !== undefined) return found;
    if (all.length > 0) {
      throw new Refused(409, "not-ready", `Worker ${slot} is not ready`);
    }
    throw new Refused(404, "no-worker", `There is no worker ${slot}`);
  }

  #untilGone(operation: Operation, slot: number, age: number): void {
    this.#until(
      operation,
      () =>
        !this.#subject.facts().workers.some((one) => one.age === age) &&
        `Worker ${slot} has left`,
    );
  }

  /** Looks after all that happens whether it is done. */
  #until(
    operation: Operation,
    look: () => string | false,
    close?: () => void,
  ): void {
    const check = () => {
      const message = operation.over || look();
      if (message === false) return;
      listening.close();
      close?.();
      if (typeof message === "string") operation.done(message);
    };
    const listening = this.#follow(() => queueMicrotask(check));
    check();
  }

  /** Is told of the app's pool. */
  #follow(run: (news: News) => void): Closeable {
    return this.#chronicle.listen((entry) => {
      if (entry.event !== "note" || entry.data.pool !== undefined) return;
      run(entry.data);
    });
  }
}

/** Fails by a worker that could not boot; `rest` says what goes on. */
function failBy(operation: Operation, news: News, rest: string): void {
  if (news.about !== "boot-failed") return;
  operation.fail(`${news.text}: ${rest}`, failureOf(news));
}

function isReady({ state }: WorkerFacts): boolean {
  return state === "ready" || state === "late";
}

function isLive(worker: WorkerFacts): boolean {
  return isReady(worker) || worker.state === "booting";
}
