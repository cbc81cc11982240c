/** What signals mean to the arbiter. */
import { messageOf } from "../../base/errors.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import type { Closeable, Runtime, SignalName } from "../../runtime/runtime.ts";

/**
 * A second TERM so soon is the first one: timeout(1) signals its child, and
 * then the group that the child is in.
 */
const SAME_MS = 100;

/** What signals ask for. */
export interface Subjects {
  readonly arbiter: {
    stop(how: "graceful" | "cut" | "quick"): void;
    reload(): Promise<void>;
    resize(by: 1 | -1): void;
    reopen(): void;
    pause(): void;
  };
  readonly upgrade: {
    whenSettled(run: () => void): void;
    begin(): Promise<void>;
  };
}

/** Makes signals orders to the arbiter, until closed; `obey` does what one of them asks for. */
export function obeySignals(
  runtime: Runtime,
  { arbiter, upgrade }: Subjects,
  log: ErrorLog,
): Closeable & { obey(signal: SignalName): void } {
  const orders: Partial<Record<SignalName, () => void>> = {
    SIGTERM: () => upgrade.whenSettled(() => arbiter.stop("graceful")),
    SIGINT: () => arbiter.stop("cut"),
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
  let lastTerm = -Infinity;

  function obey(signal: SignalName): void {
    if (signal === "SIGTERM") {
      const now = runtime.clock.now();
      if (now - lastTerm < SAME_MS) return;
      lastTerm = now;
    }
    log.debug(`Got ${signal}`);
    try {
      orders[signal]?.();
    } catch (error) {
      log.error(`Cannot obey ${signal}: ${messageOf(error)}`);
    }
  }

  const held = (Object.keys(orders) as SignalName[]).map((signal) =>
    runtime.signals.on(signal, () => obey(signal))
  );
  return {
    obey,
    close() {
      for (const one of held) one.close();
    },
  };
}
