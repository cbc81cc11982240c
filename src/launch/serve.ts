/** corn from within a program. */
import { createServer } from "../arbiter/server.ts";
import type { CornConfig } from "../config/table/types.ts";
import type { CornServer, WorkerHooks } from "../hooks/types.ts";
import { launch } from "./launch.ts";
import type { Program } from "./sources.ts";

/** Settings and the arbiter's hooks as in a config file, and what only a program decides. */
export type ServeOptions = Omit<CornConfig, keyof WorkerHooks> & {
  /** False to leave signals to the program; true unless given. */
  readonly signals?: boolean;
};

/** Starts corn and resolves when the first worker is ready. @throws CornError */
export async function startServer(
  program: Program,
  options: ServeOptions,
): Promise<CornServer> {
  const { signals = true, ...settings } = options;
  const { arbiter, log, done } = await launch(program, {
    options: settings,
    signals,
  });
  await arbiter.milestones.ready;
  return createServer(arbiter, { runtime: program.runtime, log, done });
}
