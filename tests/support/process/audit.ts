/** What must be gone once corn has ended, and what must not grow while it runs. */
import {
  commandOf,
  countListeners,
  markedWith,
  signalIfAlive,
  zombiesOf,
} from "../machine/proc.ts";
import type { Server } from "./server.ts";
import { until } from "../wait.ts";

/** Descriptors that a runtime may open for itself at any time. */
const DESCRIPTOR_SLACK = 2;

/** A server's descriptors when it had all its workers. */
export interface Baseline {
  readonly descriptors: number;
  readonly workers: number;
}

export function measure(server: Server): Baseline {
  return {
    descriptors: server.descriptors(),
    workers: server.workers().length,
  };
}

/** Waits until an arbiter that lives on holds no more than it did at its start. @throws when it keeps descriptors or zombies. */
export async function auditLiving(
  server: Server,
  before: Baseline,
): Promise<void> {
  if (server.ending() !== undefined) return;
  // A pool of another size rightly holds more or less.
  if (server.workers().length === before.workers) {
    await until(
      `at most ${before.descriptors} + ${DESCRIPTOR_SLACK} descriptors in the arbiter`,
      () => server.descriptors() <= before.descriptors + DESCRIPTOR_SLACK,
    );
  }
  await until(
    "the arbiter to reap its workers",
    () => zombiesOf(server.pid).length === 0,
  );
}

/** Waits until nothing of a test is left. @throws when processes or listening sockets are; processes are killed first. */
export async function auditGone(
  mark: string,
  ports: readonly number[],
): Promise<void> {
  try {
    await until("no process left", () => markedWith(mark).length === 0);
  } catch (cause) {
    const left = markedWith(mark);
    const named = left.map((pid) => `${pid} ${commandOf(pid)}`).join("; ");
    for (const pid of left) signalIfAlive(pid, "SIGKILL");
    throw new Error(`Processes are left behind: ${named}`, { cause });
  }
  for (const port of ports) {
    await until(
      `nobody to listen on port ${port}`,
      () => countListeners(port) === 0,
    );
  }
}

/** Kills what a test started, whatever state it is in. */
export function killMarked(mark: string): void {
  for (const pid of markedWith(mark)) signalIfAlive(pid, "SIGKILL");
}
