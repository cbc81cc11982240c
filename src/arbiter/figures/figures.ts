/** What the pool does and has done, for metrics: sums of all workers, and how things stand when it is asked. */
import type {
  FiguresMessage,
  MetricsMessage,
} from "../../protocol/messages.ts";
import type { LogEvent } from "../../log/event.ts";
import type { Format, Labels } from "../../telemetry/exposition.ts";
import { Exemplars } from "../../telemetry/exemplars.ts";
import type {
  PoolNow,
  QueueNow,
  TaskPoolNow,
} from "../../telemetry/pool-now.ts";
import { countOne, Sums } from "../../telemetry/sums.ts";
import type {
  CountsRecord,
  ExitReason,
  ReloadResult,
} from "../../telemetry/sums.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { PoolStep } from "../loop/loop.ts";
import { AppTexts } from "./app-texts.ts";
import { ExitReasons } from "./exit-reasons.ts";
import { LastTold } from "./last-told.ts";
import type { Note, PoolState } from "../pool/state.ts";
import type { SpawnOrder } from "../workers/spawn-order.ts";

/** Ends that the pool had planned: no restart of anything. */
const PLANNED: readonly ExitReason[] = ["reload", "scale", "stop"];

export interface PoolFiguresOptions {
  readonly runtime: Pick<Runtime, "clock" | "self">;
  readonly bucketsMs: readonly number[];
  readonly build: Labels;
  /** Says what a person should know. */
  warn(text: string): void;
}

/** What only the arbiter knows, at the moment. */
export interface ArbiterNow {
  readonly pool: PoolState | undefined;
  readonly queues: readonly QueueNow[];
  readonly certificates: PoolNow["certificates"];
  /** Pools of tasks. */
  readonly tasks: readonly TaskPoolNow[];
  /** What the workers run on. */
  readonly workerRuntime: string;
}

export class PoolFigures {
  readonly sums: Sums;
  readonly exemplars: Exemplars = new Exemplars();
  readonly #options: PoolFiguresOptions;
  readonly #reasons = new ExitReasons();
  /** The app's own metrics. */
  readonly #app: AppTexts;
  readonly #told = new LastTold();
  /** What other arbiters have counted on the same addresses, by their pids: the one before this one, and those that left again. */
  readonly #others = new Map<number, CountsRecord>();
  readonly #startedAt: number;
  #reloadedAt: number;
  #reloadedWell = true;

  constructor(options: PoolFiguresOptions) {
    this.#options = options;
    const { runtime: { clock }, warn } = options;
    this.#app = new AppTexts({ clock, warn });
    this.sums = new Sums(options.bucketsMs);
    this.#startedAt = this.#reloadedAt = this.#date();
  }

  /** Takes a step of the pool. */
  onStep(step: PoolStep): void {
    const ended = this.#reasons.note(step);
    if (ended !== undefined) {
      countOne(this.sums.exits, ended.reason);
      if (!PLANNED.includes(ended.reason)) {
        this.sums.slot(ended.slot).restarts++;
      }
    }
    if (step.event.type === "exited") {
      this.#told.forget(step.event.age);
      this.#app.bury(step.event.age);
    }
    for (const action of step.actions) {
      if (action.type === "spawn") this.sums.slot(action.slot);
      if (action.type === "note") this.#onNote(action.note);
    }
  }

  /** Takes what a worker tells, whose requests were counted in buckets of its generation's. */
  onFigures(
    order: SpawnOrder,
    figures: FiguresMessage,
    bucketsMs: readonly number[],
  ): void {
    const at = this.#options.runtime.clock.now();
    const sums = this.sums.slot(order.slot);
    sums.requests += this.#told.take(order, figures, at);
    sums.cpuMs += figures.cpuMs;
    this.sums.addRequests(figures.ended, bucketsMs);
    const { sockets } = figures;
    this.sums.addSockets(sockets?.opened, sockets?.closed);
    this.sums.addRefused(figures.refused ?? []);
    this.#noteExemplars(figures, bucketsMs);
  }

  #noteExemplars({ ended }: FiguresMessage, bucketsMs: readonly number[]) {
    const { bucketsMs: own } = this.sums;
    const same = own.length === bucketsMs.length &&
      own.every((bound, index) => bound === bucketsMs[index]);
    if (!same) return;
    const now = this.#date();
    for (const row of ended) {
      if (row.exemplars) this.exemplars.note(row, row.exemplars, now);
    }
  }

  /** Counts in these buckets from now on. */
  useBuckets(bucketsMs: readonly number[]): void {
    const { bucketsMs: before } = this.sums;
    this.sums.useBuckets(bucketsMs);
    if (before !== this.sums.bucketsMs) this.exemplars.clear();
  }

  /** Takes the app's own metrics of a worker. */
  onMetrics({ age, slot }: SpawnOrder, { id, text }: MetricsMessage): void {
    this.#app.take(age, { slot, id, text });
  }

  /** Asks workers for the app's metrics. */
  askApp(ask: (age: number, id: number) => void): Promise<void> {
    return this.#app.collect(ask);
  }

  /** The app's metrics of all workers, as they told them last. */
  appLines(format: Format): string[] {
    return this.#app.merge(this.#appsOfOthers()).lines(format);
  }

  #appsOfOthers(except?: number): string[] {
    return [...this.#others].filter(([pid]) => pid !== except)
      .map(([, { app }]) => app);
  }

  /** Notes a reload that changed nothing. */
  onRefused(): void {
    this.#endReload("refused");
  }

  /** Counts an event of the log, written or not. */
  onLog({ level, stream }: LogEvent): void {
    // What the app prints is no event of the log's own.
    if (stream === undefined) countOne(this.sums.logLines, level);
  }

  /** Takes what another arbiter has counted, in the place of what it told before. */
  takeSums(pid: number, record: CountsRecord): void {
    this.#others.set(pid, record);
  }

  /** All that was counted, with what other arbiters told but for one of them. */
  all(except?: number): Sums {
    const all = new Sums(this.sums.bucketsMs);
    all.add(this.sums.record());
    for (const [pid, record] of this.#others) {
      if (pid !== except) all.add(record);
    }
    return all;
  }

  /** The same for one of them, with this arbiter's processor time. */
  record(pid: number): CountsRecord {
    const all = this.all(pid);
    all.arbiterCpuMs += this.#options.runtime.self.usage().cpuMs;
    return { ...all.record(), app: this.#app.counts(this.#appsOfOthers(pid)) };
  }

  /** How things stand. */
  now(
    { pool, queues, certificates, tasks, workerRuntime }: ArbiterNow,
  ): PoolNow {
    const { self, clock } = this.#options.runtime;
    const { cpuMs, rss } = self.usage();
    return {
      build: { ...this.#options.build, worker_runtime: workerRuntime },
      states: statesOf(pool),
      wanted: pool?.wanted ?? 0,
      generation: pool?.generation ?? 1,
      startedAt: this.#startedAt,
      reloadedAt: this.#reloadedAt,
      reloadedWell: this.#reloadedWell,
      workers: pool === undefined ? [] : this.#told.list(pool, clock.now()),
      queues,
      certificates,
      tasks,
      arbiter: { cpuMs, rss },
    };
  }

  #onNote(note: Note): void {
    switch (note.about) {
      case "rolled-out":
        return this.#endReload("done");
      case "rollout-failed":
        // A canary that was judged has not failed by itself.
        return this.#endReload(
          note.cause !== undefined && "why" in note.cause
            ? "rolled_back"
            : "given_up",
        );
      case "rollout-superseded":
        return countOne(this.sums.reloads, "superseded");
    }
  }

  #endReload(result: ReloadResult): void {
    countOne(this.sums.reloads, result);
    this.#reloadedWell = result === "done";
    if (result === "done") this.#reloadedAt = this.#date();
  }

  #date(): number {
    return this.#options.runtime.clock.date().getTime() / 1000;
  }
}

/** How many workers are in each state; those that are late are told apart. */
function statesOf(pool: PoolState | undefined): Record<string, number> {
  const states = { booting: 0, ready: 0, late: 0, draining: 0, ending: 0 };
  for (const { phase, late } of pool?.children ?? []) {
    states[phase === "ready" && late ? "late" : phase]++;
  }
  return states;
}
