/** What workers are asked to tell of themselves: their figures, the app's metrics, a profile, a heap snapshot. */
import type { Self } from "../runtime/runtime.ts";
import type { PoolView } from "./pool-view.ts";
import type { Processes } from "./workers/processes.ts";
import type { Recorded } from "./workers/recordings.ts";
import type { FigureUser } from "./workers/standing-orders.ts";

export interface MeasuringParts {
  readonly self: Pick<Self, "uid">;
  readonly processes: Processes;
  readonly view: PoolView;
  /** Replaces a worker once another one is ready. */
  replace(age: number): void;
}

export class Measuring {
  readonly #parts: MeasuringParts;

  constructor(parts: MeasuringParts) {
    this.#parts = parts;
  }

  /** Has workers tell figures each `everyMs` from now on; 0 for not at all. */
  tellFigures(user: FigureUser, everyMs: number): void {
    this.#parts.processes.tellFigures(user, everyMs);
  }

  /** Has them tell figures now. */
  askFigures(): void {
    this.#parts.processes.askFigures();
  }

  /** Asks a worker for the app's own metrics. */
  collectMetrics(age: number, id: number): void {
    this.#parts.processes.send(age, { type: "collect", id });
  }

  /** Has a worker record itself, if wanted after it was replaced; resolves with a file. @throws CornError */
  record(
    age: number,
    { what, ms, thread, drain }: {
      readonly what: Recorded;
      readonly ms: number;
      readonly thread?: number | undefined;
      readonly drain: boolean;
    },
  ): Promise<string> {
    const { self, processes, view, replace } = this.#parts;
    const blockedMs = () => view.blockedMs(age);
    const { order } = processes.find(age) ?? {};
    const { uid, gid = -1 } = order?.generation.identity ?? {};
    const graceMs = view.state?.limits.gracefulMs ?? 0;
    return processes.recordings.record({
      age,
      what,
      ms,
      thread,
      owner: { uid: uid ?? self.uid, gid },
      blockedMs,
      ...drain && { drain: { graceMs, begin: () => replace(age) } },
    });
  }

  /** Lets go of a recording that waits for its worker to be replaced. */
  forgoRecord(age: number): void {
    this.#parts.processes.recordings.forgo(age);
  }
}
