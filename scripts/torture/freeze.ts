/** The arbiter, or the whole server, stands still for longer than a worker may be silent. */
import { strict as assert } from "node:assert";
import { signalIfAlive } from "../../tests/support/machine/proc.ts";
import { sleep } from "../../tests/support/wait.ts";
import type { Field } from "./field.ts";
import { reload } from "./trial.ts";
import type { Trial } from "./trial.ts";

const TIMEOUT_S = 2;

/** Stops processes for so long, those that are still there. */
async function stop(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) signalIfAlive(pid, "SIGSTOP");
  await sleep(ms);
  for (const pid of pids) signalIfAlive(pid, "SIGCONT");
}

async function freezeOnce(field: Field, all: boolean): Promise<void> {
  const before = field.workers();
  const from = field.log().length;
  const ms = TIMEOUT_S * 1000 * (1.2 + field.random());
  await stop(all ? [field.arbiter, ...before] : [field.arbiter], ms);
  await sleep(1000);
  assert.deepEqual(field.workers(), before);
  assert.doesNotMatch(field.log().slice(from), /silent|killing/);
  await reload(field);
  await field.settle();
}

export const freeze: Trial = {
  about:
    "SIGSTOP to the arbiter, or to all, for longer than --timeout; then HUP",
  args: ["--timeout", String(TIMEOUT_S)],
  events: 20,
  quick: 2,
  begin: (field) => ({
    event: (number) => freezeOnce(field, number % 2 === 1),
  }),
};
