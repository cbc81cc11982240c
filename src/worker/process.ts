/** This process as a worker: its channel to the arbiter, its signals, and what nothing caught. */
import { EXIT_BOOT_FAILED } from "../protocol/messages.ts";
import type { SignalName } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";
import { Worker } from "./worker.ts";
import { createHost } from "./worker-host.ts";

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
export function runWorker(runtime: ServingRuntime): void {
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
  const worker = new Worker(host, farewell);
  for (const signal of IGNORED) signals.on(signal, () => {});
  signals.on("SIGTERM", () => worker.onTerm());
  signals.on("SIGQUIT", () => void worker.quit());
  signals.on("SIGUSR1", () => worker.reopen());
  link.onMessage((message) => worker.receive(message));
  link.onClose(() => worker.drain(ORPHAN_GRACE_MS));
  runtime.onUncaught((error) => worker.uncaught(error));
  host.send({
    type: "hello",
    runtime: runtime.name,
    version: runtime.version,
  });
}
