/** What corn tells a service manager, by sd_notify(3), and what it gets from one, by sd_listen_fds(3). */
import type { Logger } from "../../log/error/logger.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";

/** The first descriptor that a service manager passes. */
const FIRST_PASSED = 3;

/** Listening sockets that a service manager opened for this process, as descriptors. */
export function passedSockets(
  env: Readonly<Record<string, string>>,
  { pid, log }: { pid: number; log: Pick<Logger, "warning"> },
): number[] {
  const { LISTEN_PID, LISTEN_FDS } = env;
  if (LISTEN_FDS === undefined) return [];
  if (Number(LISTEN_PID) !== pid) {
    log.warning(
      `LISTEN_FDS ignored: LISTEN_PID is ${LISTEN_PID}, and this is process ${pid}`,
    );
    return [];
  }
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 0) {
    log.warning(`LISTEN_FDS ignored: "${LISTEN_FDS}" is not a number`);
    return [];
  }
  return Array.from({ length: count }, (_, index) => FIRST_PASSED + index);
}

/** Tells a service manager how corn fares. */
export interface Notifier extends Closeable {
  /** A worker is ready; said once. */
  ready(): void;
  /** The arbiter before this one is gone. */
  promoted(): void;
  /** Config and code are loaded anew. */
  reloading(): void;
  /** The reload has ended, one way or the other. */
  settled(status: string): void;
  stopping(): void;
}

/** The arbiters beside this one, in an upgrade. */
export interface Neighbours {
  /** The pid of the arbiter that was before this one and lives. */
  predecessor(): number | undefined;
  /** The pid of the arbiter that takes over when this one ends. */
  successorPid(): number | undefined;
}

/** A notifier where `NOTIFY_SOCKET` is set; one that is silent elsewhere. */
export function createNotifier(
  runtime: Runtime,
  neighbours: Neighbours,
): Notifier {
  const { self, clock } = runtime;
  const { NOTIFY_SOCKET: socket = "" } = self.env();
  const watchdogMs = watchdogInterval(self.env(), self.pid);
  let timer: Closeable | undefined;
  let told = false;
  const serving = ["READY=1", `MAINPID=${self.pid}`, "STATUS=Serving"];

  function send(...lines: string[]): void {
    if (socket !== "") runtime.notifyManager(socket, `${lines.join("\n")}\n`);
  }

  function watch(): void {
    if (watchdogMs === 0) return;
    send("WATCHDOG=1");
    timer = clock.pulse(watchdogMs, watch);
  }

  /** The main process is the predecessor, as long as that may come back: its unit does not reload or stop with this arbiter. */
  const isMain = () => neighbours.predecessor() === undefined;

  return {
    ready() {
      if (told) return;
      told = true;
      if (isMain()) send(...serving);
      watch();
    },
    promoted: () => send(...serving),
    reloading() {
      if (!isMain()) return;
      // systemd compares the time with the one it asked at.
      const usec = Math.round(clock.monotonic() * 1000);
      send("RELOADING=1", `MONOTONIC_USEC=${usec}`, "STATUS=Reloading");
    },
    settled(status) {
      if (isMain()) send("READY=1", `STATUS=${status}`);
    },
    stopping() {
      if (!isMain()) return;
      const successorPid = neighbours.successorPid();
      if (successorPid === undefined) send("STOPPING=1", "STATUS=Stopping");
      else send(`MAINPID=${successorPid}`);
    },
    close: () => timer?.close(),
  };
}

/** Half of the limit, as sd_watchdog_enabled(3) advises; 0 where this process is not watched. */
function watchdogInterval(
  { WATCHDOG_USEC, WATCHDOG_PID, NOTIFY_SOCKET }: Readonly<
    Record<string, string>
  >,
  pid: number,
): number {
  if (NOTIFY_SOCKET === undefined || WATCHDOG_USEC === undefined) return 0;
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== pid) return 0;
  const usec = Number(WATCHDOG_USEC);
  return usec > 0 ? usec / 2000 : 0;
}
