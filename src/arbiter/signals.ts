/** What signals mean to the arbiter. */
import type { ErrorLog } from "../log/error-log.ts";
import type { Closeable, Runtime, SignalName } from "../runtime.ts";
import type { Arbiter } from "./arbiter.ts";
import type { Upgrade } from "./upgrade.ts";

/** Who obeys. */
export interface Subjects {
  readonly arbiter: Arbiter;
  readonly upgrade: Upgrade;
}

/** Makes signals orders to the arbiter, until closed. */
export function obeySignals(
  runtime: Runtime,
  { arbiter, upgrade }: Subjects,
  log: ErrorLog,
): Closeable {
  const orders: Partial<Record<SignalName, () => void>> = {
    SIGTERM: () => upgrade.whenSettled(() => arbiter.stop("graceful")),
    SIGINT: () => arbiter.stop("quick"),
    SIGQUIT: () => arbiter.stop("quick"),
    // What comes of it is in the log.
    SIGHUP: () => void arbiter.reload().catch(() => {}),
    SIGTTIN: () => arbiter.resize(1),
    SIGTTOU: () => arbiter.resize(-1),
    SIGUSR1: () => arbiter.reopen(),
    SIGUSR2: () => void upgrade.begin(),
    // A terminal sends it when its window changes.
    SIGWINCH: () =>
      runtime.self.stdin.terminal
        ? log.debug("WINCH ignored on a terminal")
        : arbiter.pause(),
  };
  const held = Object.entries(orders).map(([signal, run]) =>
    runtime.signals.on(signal as SignalName, () => {
      log.debug(`Got ${signal}`);
      run();
    })
  );
  return {
    close() {
      for (const one of held) one.close();
    },
  };
}
