/** The workers' processes: what is sent to each of them and heard of it. */
import { messageOf } from "../../base/errors.ts";
import { createMark } from "../../exchange/flight-record.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import type {
  ArbiterMessage,
  BeatMessage,
  FiguresMessage,
  MetricsMessage,
} from "../../protocol/messages.ts";
import type { WorkerAdditions } from "../../hooks/types.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { bootMessage } from "../generations/generation.ts";
import type { Generation } from "../generations/generation.ts";
import { Examination } from "./examination.ts";
import { Hearing } from "./hearing.ts";
import type { ChildFacts, Sight } from "../pool/report.ts";
import type { Exit, PoolEvent } from "../pool/state.ts";
import type { SpawnOrder, StartedWorker } from "./spawn-order.ts";
import { Recordings } from "./recordings.ts";
import { readLook } from "../../protocol/look.ts";
import { Starter } from "./starter.ts";
import type { StartedProcess } from "./starter.ts";

/** One worker's process, and what is known of it. */
interface WorkerProcess extends StartedProcess {
  readonly examination: Examination;
  readonly hearing: Hearing;
  beat: BeatMessage | undefined;
  /** True once it has been ready. */
  ready: boolean;
  /** Why it failed, as it says itself. */
  failure: { readonly message: string; readonly stack: string } | undefined;
}

export interface ProcessesOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  /** True to show failures to clients. */
  readonly dev: boolean;
  /** True while another arbiter serves the same addresses. */
  shared(): boolean;
  /** Takes what a worker tells of itself. */
  onFigures?(order: SpawnOrder, figures: FiguresMessage): void;
  /** Takes the app's own metrics of a worker. */
  onMetrics?(order: SpawnOrder, metrics: MetricsMessage): void;
  /** What is added to a worker that is about to be started; others start meanwhile. */
  prepare?(order: SpawnOrder): WorkerAdditions | Promise<WorkerAdditions>;
  /** Takes what a worker says or does. */
  onEvent(event: PoolEvent): void;
}

/** What a generation's workers run on, where nothing tells where a loop is blocked that does not come back. */
function blindness({ release, config }: Generation): string | undefined {
  const asked = config.settings.blockStack !== "off";
  return asked && release.runtime === "bun" ? "Bun" : undefined;
}

export class Processes {
  readonly #options: ProcessesOptions;
  readonly #starter: Starter;
  readonly #workers = new Map<number, WorkerProcess>();
  /** Workers that are to be started once it is known what is added to them. */
  readonly #pending = new Map<number, SpawnOrder>();
  /** Generations of which a worker was ready. */
  readonly #proven = new WeakSet<Generation>();
  /** Generations of which a worker says what all would. */
  readonly #told = new WeakSet<Generation>();
  #serves = false;
  /** True once a worker was blocked. */
  #watching = false;
  #lastFailure = "";
  /** Milliseconds between two figures of a worker, by what needs them; 0 for none. */
  readonly #wishes = { metrics: 0, pool: 0 };
  /** The same for all. */
  #everyMs = 0;

  readonly recordings: Recordings;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.recordings = new Recordings({
      runtime: options.runtime,
      send: (age, message) => this.send(age, message),
      hold: (age, held) => options.onEvent({ type: "hold", age, held }),
    });
    this.#starter = new Starter(options);
  }

  /** Starts a worker; whatever becomes of it is an event. */
  spawn(order: SpawnOrder): void {
    const added = this.#options.prepare?.(order) ?? {};
    if (!(added instanceof Promise)) return this.#start(order, added);
    this.#pending.set(order.age, order);
    void added.then((added) => {
      // It may have been given up meanwhile.
      if (this.#pending.delete(order.age)) this.#start(order, added);
    });
  }

  #start(order: SpawnOrder, additions: WorkerAdditions): void {
    const { age } = order;
    try {
      const started = this.#starter.start(order, {
        additions,
        inspectorPorts: [...this.#workers.values()].map((worker) =>
          worker.inspectorPort
        ),
        events: {
          onMessage: (message) => this.#receive(age, message),
          onOverlong: () => this.#endOverlong(age),
          onExit: (exit) => this.#bury(age, exit),
        },
      });
      this.#workers.set(age, {
        ...started,
        examination: new Examination({
          ...this.#options,
          mark: createMark(this.#options.runtime.random),
        }),
        hearing: new Hearing((text) => this.#logAbout("warning", age, text)),
        beat: undefined,
        ready: false,
        failure: undefined,
      });
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.onEvent({ type: "exited", age, exit: { error } });
    }
  }

  #endOverlong(age: number): void {
    this.#logAbout(
      "error",
      age,
      "sent a line that is longer than any message: killing it",
    );
    this.signal(age, "SIGKILL");
  }

  /** Gives up a worker that is not started yet. */
  #giveUp(age: number, signal: string): boolean {
    if (!this.#pending.delete(age)) return false;
    this.#options.onEvent({ type: "exited", age, exit: { signal } });
    return true;
  }

  send(age: number, message: ArbiterMessage): void {
    this.#workers.get(age)?.child.send(message);
  }

  /** Tells every worker. */
  sendAll(message: ArbiterMessage): void {
    for (const { child } of this.#workers.values()) child.send(message);
  }

  /** Has workers tell figures each `everyMs` from now on, those to come as well; 0 for not at all. */
  tellFigures(who: "metrics" | "pool", wishedMs: number): void {
    this.#wishes[who] = wishedMs;
    const wishes = Object.values(this.#wishes).filter((ms) => ms > 0);
    const everyMs = wishes.length === 0 ? 0 : Math.min(...wishes);
    if (everyMs === this.#everyMs) return;
    this.#everyMs = everyMs;
    for (const worker of this.#workers.values()) {
      if (worker.ready) this.#askFigures(worker);
    }
  }

  #askFigures({ child }: WorkerProcess): void {
    child.send({ type: "figure", everyMs: this.#everyMs });
  }

  /** By message, and by signal unless it is gently: a worker that still loads its app reads no messages. */
  quit(age: number, gently: boolean): void {
    if (this.#giveUp(age, "SIGQUIT")) return;
    if (gently) return this.send(age, { type: "quit", unlessOpen: true });
    this.send(age, { type: "quit" });
    this.signal(age, "SIGQUIT");
  }

  signal(age: number, signal: "SIGABRT" | "SIGKILL" | "SIGQUIT"): void {
    if (this.#giveUp(age, signal)) return;
    const worker = this.#workers.get(age);
    if (worker === undefined) return;
    try {
      worker.child.kill(signal);
    } catch (error) {
      this.#options.log.error(
        `Cannot send ${signal} to worker ${worker.order.slot} (pid ${worker.child.pid}): ${
          messageOf(error)
        }`,
      );
      if (signal === "SIGKILL") this.#abandon(age);
    }
  }

  /** No wait may depend on a process that cannot be ended: it counts as gone, and leaves once it reads its messages. */
  #abandon(age: number): void {
    this.send(age, { type: "quit" });
    this.#bury(age, { abandoned: true });
  }

  /** Looks at a worker that is silent; at where it stands where `stack` is true. */
  examine(age: number, stack: boolean): void {
    const worker = this.#workers.get(age);
    const pid = worker?.child.pid;
    if (pid !== undefined) worker?.examination.look(pid, stack);
  }

  /** Looks at a worker that is blocked now. */
  async lookAt(age: number): Promise<Sight | undefined> {
    const worker = this.#workers.get(age);
    const pid = worker?.child.pid;
    if (worker === undefined || pid === undefined) return undefined;
    return await worker.examination.lookNow(pid);
  }

  /** A worker was blocked, and others may be: they get ready to tell where, unless that is asked for never. */
  watchAll(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.sendAll({ type: "watch" });
  }

  /** What was seen of a worker while it was blocked, before its last beat. */
  async sightOf(age: number): Promise<Sight | undefined> {
    return await this.#workers.get(age)?.examination.past();
  }

  pidOf(age: number): number | undefined {
    return this.#workers.get(age)?.child.pid;
  }

  factsOf(age: number): ChildFacts {
    const worker = this.#workers.get(age);
    return {
      pid: worker?.child.pid,
      flight: worker?.examination.flight,
      look: worker?.examination.current,
      explained: worker?.failure !== undefined,
      failure: worker?.failure,
      blind: worker && blindness(worker.order.generation),
    };
  }

  /** A worker whose process was started and has not ended. */
  find(age: number): StartedWorker | undefined {
    const worker = this.#workers.get(age);
    return worker && { order: worker.order, pid: worker.child.pid };
  }

  /** Requests answered and open, by the last beat. */
  countsOf(age: number): { requests: number; open: number } {
    const { requests = 0, open = 0 } = this.#workers.get(age)?.beat ?? {};
    return { requests, open };
  }

  /** Lets a failure be shown that was shown before. */
  forgetFailure(): void {
    this.#lastFailure = "";
  }

  /** Says of a worker what it did. */
  #logAbout(level: "warning" | "error", age: number, text: string): void {
    const worker = this.#workers.get(age);
    if (worker === undefined) return;
    const { slot } = worker.order;
    this.#options.log.log(
      level,
      `Worker ${slot} (pid ${worker.child.pid}) ${text}`,
    );
  }

  #bury(age: number, exit: Exit): void {
    this.recordings.exited(age);
    const ignored = this.#workers.get(age)?.hearing.ignored ?? 0;
    if (ignored > 1) {
      this.#logAbout(
        "warning",
        age,
        `sent ${ignored} messages not heeded in all`,
      );
    }
    this.#options.onEvent({ type: "exited", age, exit });
    this.#workers.delete(age);
  }

  #receive(age: number, value: unknown): void {
    const worker = this.#workers.get(age);
    const message = worker?.hearing.take(value);
    if (worker === undefined || message === undefined) return;
    const { log, onEvent } = this.#options;
    switch (message.type) {
      case "hello":
        return void worker.child.send(this.#bootMessage(worker));
      case "ready":
        worker.ready = true;
        this.#serves = true;
        this.#proven.add(worker.order.generation);
        if (this.#watching) worker.child.send({ type: "watch" });
        if (this.#everyMs > 0) this.#askFigures(worker);
        return onEvent({ type: "ready", age });
      case "beat":
        worker.beat = message;
        worker.examination.heard(readLook(message.look));
        return onEvent({
          type: "beat",
          age,
          busy: message.busy,
          blockedMs: message.blockedMs,
        });
      case "recycle":
        return onEvent({ ...message, age });
      case "watching":
        worker.examination.watched = true;
        return;
      case "recorded":
        return this.recordings.recorded(
          age,
          message.id,
          message.error || undefined,
        );
      case "debugger":
        // At the one that a person uses it is left alone.
        if (worker.inspectorPort === undefined) {
          worker.examination.debuggerUrl = message.url;
        }
        return;
      case "closed":
        return onEvent({ type: "closed", age });
      case "metrics":
        return this.#options.onMetrics?.(worker.order, message);
      case "figures":
        return this.#options.onFigures?.(worker.order, message);
      case "log":
        return message.exception
          ? log.exception(message.text, worker.child.pid)
          : log.log(message.level, message.text, worker.child.pid);
      case "access":
        return log.access(message.text);
      case "failed": {
        const { message: line, stack } = message;
        worker.failure = { message: line, stack };
        const text = stack === "" ? line : `${line}\n${stack}`;
        // All workers of a broken app fail alike: once is enough.
        if (text === this.#lastFailure) return;
        this.#lastFailure = text;
        return log.error(text);
      }
    }
  }

  #bootMessage(worker: WorkerProcess): ArbiterMessage {
    const { generation, slot, queue, age, number } = worker.order;
    const { runtime, dev, shared } = this.#options;
    const replaces = this.#serves || shared();
    let next = 0;
    const boot = bootMessage(generation, {
      release: worker.release,
      slot,
      age,
      number,
      queue,
      random: runtime.random,
      dev,
      check: false,
      proven: !replaces || this.#proven.has(generation),
      tells: !this.#told.has(generation),
      descriptors: worker.counts.map((count) =>
        worker.child.descriptors.slice(next, next += count)
      ),
    });
    this.#told.add(generation);
    return { ...boot, mark: worker.examination.mark };
  }
}
