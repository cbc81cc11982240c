/** This process as a worker: its channel to the arbiter, its signals, and what nothing caught. */
import { VERSION } from "../base/version.ts";
import { EXIT_BOOT_FAILED, isMessage } from "../protocol/messages.ts";
import type { ArbiterMessage, BootMessage } from "../protocol/messages.ts";
import type { SignalName } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";
import { Worker } from "./worker.ts";
import { createHost } from "./observe/worker-host.ts";
import type { WorkerHost } from "./observe/worker-host.ts";

/** What a process does of what comes to it: a worker, or several that are threads. */
export interface WorkerPart {
  receive(message: unknown): void;
  /** Exits without a drain. */
  quit(): unknown;
  /** Opens log files anew. */
  reopen(): void;
  /** TERM came from elsewhere than the arbiter. */
  onTerm(): void;
  drain(graceMs: number): unknown;
  uncaught(error: unknown): void;
}

/** Makes the threads of a worker; their code is loaded where it is asked for. */
export type StartThreads = (
  boot: BootMessage,
  host: WorkerHost,
) => Promise<WorkerPart>;

/** How long a worker may drain once its arbiter is gone. */
const ORPHAN_GRACE_MS = 1500;

/** Signals that mean something to the arbiter and nothing here; a terminal sends some to both. */
const IGNORED: readonly SignalName[] = [
  "SIGHUP",
  "SIGINT",
  "SIGUSR2",
  "SIGTTIN",
  "SIGTTOU",
  "SIGWINCH",
];

/** Runs this process as a worker, to its end. */
export function runWorker(
  runtime: ServingRuntime,
  startThreads: StartThreads,
): void {
  const { self, signals } = runtime;
  const link = runtime.parent();
  if (link === undefined) {
    self.stderr.write(
      "Cannot run as a worker: there is no channel to an arbiter, which starts its workers itself; start corn by its command\n",
    );
    return self.exit(EXIT_BOOT_FAILED);
  }
  // Before corn's own signals, which are not the app's.
  const farewell = runtime.keepFarewell();
  const host = createHost(runtime, link);
  let part: WorkerPart = new Worker(host, farewell);
  /** What comes while the code of threads is loaded. */
  let held: unknown[] | undefined;
  const change = async (boot: BootMessage) => {
    held = [];
    try {
      part = await startThreads(boot, host);
    } catch (error) {
      part.uncaught(error);
    }
    const waiting = held;
    held = undefined;
    for (const message of waiting) part.receive(message);
  };
  for (const signal of IGNORED) signals.on(signal, () => {});
  signals.on("SIGTERM", () => part.onTerm());
  signals.on("SIGQUIT", () => void part.quit());
  signals.on("SIGUSR1", () => part.reopen());
  link.onMessage((message) => {
    if (held !== undefined) held.push(message);
    else if (asksForThreads(message)) void change(message);
    else part.receive(message);
  });
  link.onClose(() => part.drain(ORPHAN_GRACE_MS));
  runtime.onUncaught((error) => part.uncaught(error));
  host.send({
    type: "hello",
    runtime: runtime.name,
    version: runtime.version,
    corn: VERSION,
  });
}

function asksForThreads(message: unknown): message is BootMessage {
  return isMessage<ArbiterMessage>(message) && message.type === "boot" &&
    message.plan.workerClass.threads > 0;
}
