/** corn from within a program. */
import type { WorkerStatus } from "../hooks/types.ts";
import type { CornConfig } from "../config/table/types.ts";
import type { WorkerHooks } from "../hooks/types.ts";
import { launch } from "./launch.ts";
import type { Program } from "./sources.ts";

/** Settings and the arbiter's hooks as in a config file, and what only a program decides. */
export type ServeOptions = Omit<CornConfig, keyof WorkerHooks> & {
  /** False to leave signals to the program; true unless given. */
  readonly signals?: boolean;
};

/** A running corn. */
export interface CornServer {
  /** URLs and unix sockets that are served. */
  readonly addresses: readonly string[];
  /** Resolves with the exit code once every worker is gone. */
  readonly done: Promise<number>;
  /** What each worker does now. */
  workers(): WorkerStatus[];
  /** Loads config and code anew. @throws CornError when the old generation goes on instead */
  reload(): Promise<void>;
  /** Adds a worker, or takes one away; never below one. */
  resize(by: 1 | -1): void;
  /** Drains and ends; `quick` does not wait for open requests. Resolves when all are gone. */
  stop(how?: "graceful" | "quick"): Promise<void>;
}

/** Starts corn and resolves when the first worker is ready. @throws CornError */
export async function startServer(
  program: Program,
  options: ServeOptions,
): Promise<CornServer> {
  const { signals = true, ...settings } = options;
  const { arbiter, done } = await launch(program, {
    options: settings,
    signals,
  });
  await arbiter.ready;
  return {
    addresses: arbiter.addresses(),
    done,
    workers: () => arbiter.status(),
    reload: () => arbiter.reload(),
    resize: (by) => arbiter.resize(by),
    async stop(how = "graceful") {
      arbiter.stop(how);
      await done;
    },
  };
}
