/** How a worker's process is started: from which release, with which environment, descriptors and debugger. */
import type { WorkerAdditions } from "../../hooks/types.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import type {
  ChildProcess,
  Runtime,
  SpawnOptions,
} from "../../runtime/runtime.ts";
import {
  portOf,
  withRuntimeArgs,
  workerEnvironment,
} from "../command/command.ts";
import {
  askable,
  describeInspector,
  freeInspector,
  inspected,
  INSPECTED_SLOT,
  inspectorOf,
  sampled,
} from "../command/inspector.ts";
import type { Inspector } from "../command/inspector.ts";
import { startOptions } from "../command/start-as.ts";
import { threadsOf } from "../../plan/worker-class.ts";
import type { Generation } from "../generations/generation.ts";
import { isThere } from "../generations/release.ts";
import type { Release } from "../generations/release.ts";
import type { SpawnOrder } from "./spawn-order.ts";
import { logPrinted } from "./worker-output.ts";

/** A worker's process, and what it was started with. */
export interface StartedProcess {
  readonly child: ChildProcess;
  readonly order: SpawnOrder;
  /** What it was started from. */
  readonly release: Release;
  /** Descriptors of each listener's queues that it was started with: a reload may add some. */
  readonly counts: readonly number[];
  /** Where its debugger attaches. */
  readonly inspectorPort: number | undefined;
}

export interface StartOptions {
  readonly additions: WorkerAdditions;
  /** Ports at which debuggers attach to other workers. */
  readonly inspectorPorts: readonly (number | undefined)[];
  /** What becomes of the process. */
  readonly events: Required<
    Pick<SpawnOptions, "onMessage" | "onOverlong" | "onExit">
  >;
}

export class Starter {
  readonly #runtime: Runtime;
  readonly #log: ErrorLog;
  /** What the workers of a generation are started from once its own release is gone. */
  readonly #moved = new WeakMap<Generation, Release>();

  constructor({ runtime, log }: { runtime: Runtime; log: ErrorLog }) {
    this.#runtime = runtime;
    this.#log = log;
  }

  /** Starts it. @throws where no release is left to start it from */
  start(
    order: SpawnOrder,
    { additions, inspectorPorts, events }: StartOptions,
  ): StartedProcess {
    const { slot, generation } = order;
    const { env: more = {}, args = [] } = additions;
    const release = this.#releaseOf(generation);
    const sockets = generation.listeners.map(({ listener }) =>
      Array.from({ length: generation.copies }, () => listener.queues).flat()
    );
    const { settings } = generation.config;
    const inspector = inspectorFor(slot, generation, inspectorPorts);
    // What tells where a loop is blocked knows that of the first thread.
    const blockStack = threadsOf(generation.config) > 0
      ? "off"
      : settings.blockStack;
    const command = inspector === undefined
      ? askable(release.command, {
        ...{ ...settings, blockStack },
        runtime: release.runtime,
      })
      : inspected(release.command, inspector);
    const printed = settings.captureOutput ? logPrinted(this.#log) : undefined;
    const child = this.#runtime.spawn({
      ...events,
      ...startOptions(generation.startAs, withRuntimeArgs(command, args)),
      env: workerEnvironment(this.#runtime.self.env(), {
        added: {
          ...generation.compileCache,
          ...sampled(release.runtime, blockStack),
          ...settings.env,
          ...more,
        },
        slot,
        folder: release.folder,
        port: portOf(
          generation.listeners.map(({ listener }) => listener.address),
        ),
      }),
      cwd: release.folder,
      descriptors: sockets.flat(),
      ...printed && {
        onOutput: (stream, text) => printed.take(stream, text, child.pid ?? 0),
      },
      onExit(exit) {
        printed?.flush(child.pid ?? 0);
        events.onExit(exit);
      },
    });
    if (inspector !== undefined) {
      const line = describeInspector(slot, child.pid, inspector);
      this.#log.log(line.level, line.text);
    }
    return {
      child,
      order,
      release,
      counts: sockets.map(({ length }) => length),
      inspectorPort: inspector?.port,
    };
  }

  /** What its workers start from: the same as ever, or what stands in its place where that is gone. */
  #releaseOf(generation: Generation): Release {
    const known = this.#moved.get(generation) ?? generation.release;
    if (isThere(known, this.#runtime.files)) return known;
    const found = generation.findRelease();
    this.#moved.set(generation, found);
    this.#log.warning(
      `The release of this generation is gone from ${known.folder}: workers start from what is in ${found.folder} now`,
    );
    return found;
  }
}

/** Where a debugger attaches to a worker; a port that another has, or that is served, is not tried. */
function inspectorFor(
  slot: number,
  { config, listeners }: Generation,
  taken: StartOptions["inspectorPorts"],
): Inspector | undefined {
  const inspector = inspectorOf(config);
  if (inspector === undefined || slot !== INSPECTED_SLOT) return undefined;
  const served = listeners.map(({ listener: { address } }) =>
    address.kind === "tcp" ? address.port : undefined
  );
  return freeInspector(inspector, [...taken, ...served]);
}
