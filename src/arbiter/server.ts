/** A running corn as hooks and programs see it. */
import type {
  CornServer,
  ReloadOptions,
  StopOptions,
  WorkerStatus,
} from "../hooks/types.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Milestones } from "./milestones.ts";
import type { StopMode } from "./pool/state.ts";

/** The part of an arbiter that may be asked. */
export interface Asked {
  readonly milestones: Milestones;
  /** True once corn stops. */
  readonly stopping: boolean;
  readonly view: { addresses(): string[]; workers(): WorkerStatus[] };
  reload(how?: ReloadOptions): Promise<void>;
  resize(by: 1 | -1): void;
  scale(to: number | "auto"): void;
  stop(mode: StopMode, timeoutMs?: number): void;
}

export interface ServerParts {
  readonly runtime: Pick<Runtime, "name" | "self">;
  readonly log: ErrorLog;
  /** The end for a program, which comes after the arbiter's own; hooks have none, since the arbiter's end waits for them. */
  readonly done?: Promise<number>;
}

/** What hooks and programs have of an arbiter. */
export function createServer(
  arbiter: Asked,
  { runtime, log, done }: ServerParts,
): CornServer {
  const { milestones } = arbiter;
  const end = async () => void await (done ?? milestones.gone);
  return {
    pid: runtime.self.pid,
    runtime: runtime.name,
    log,
    get addresses() {
      return arbiter.view.addresses();
    },
    ready: milestones.ready,
    whole: milestones.whole,
    done: done ?? milestones.done,
    workers: () => arbiter.view.workers(),
    reload: (how) => arbiter.reload(how),
    resize: (by) => arbiter.resize(by),
    scale(workers) {
      if (workers === "auto") return arbiter.scale(workers);
      if (!Number.isSafeInteger(workers) || workers < 1) {
        throw new RangeError(
          `Cannot scale to ${workers} workers: give a count of at least 1`,
        );
      }
      arbiter.scale(workers);
    },
    async stop(how = {}) {
      const { quick = false, timeoutMs } = readStop(how);
      arbiter.stop(quick ? "quick" : "graceful", timeoutMs);
      await end();
    },
    async [Symbol.asyncDispose]() {
      // A second stop would end everything now.
      if (!arbiter.stopping) arbiter.stop("graceful");
      await end();
    },
  };
}

/** @throws RangeError */
function readStop(how: "graceful" | "quick" | StopOptions): StopOptions {
  if (typeof how === "string") return { quick: how === "quick" };
  const { timeoutMs } = how;
  if (timeoutMs !== undefined && !(timeoutMs >= 0 && timeoutMs < 2 ** 31)) {
    throw new RangeError(
      `Cannot stop within ${timeoutMs} ms: give a time of at least 0, and less than 2^31`,
    );
  }
  return how;
}
