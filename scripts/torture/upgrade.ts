/** A new arbiter on the same sockets, by USR2. */
import { strict as assert } from "node:assert";
import { alive } from "../../tests/support/machine/proc.ts";
import { until } from "../../tests/support/wait.ts";
import { GOOD, pidIn } from "./field.ts";
import type { Field } from "./field.ts";
import type { Trial } from "./trial.ts";

/** What the log says of an upgrade: the new arbiter serves, or it does not and the old one goes on, or it has taken over. */
const READY = /Upgrade: .*ready/;
const FAILED = /Upgrade failed/;
const PROMOTED = /Promoted/;

/** Which one of them goes to broken code. */
const BROKEN = 9;
const UPGRADE_MS = 20_000;

/** USR2, and TERM to the old arbiter once the new one serves. */
export async function upgradeOnce(field: Field): Promise<void> {
  const old = field.arbiter;
  const [line] = await field.tell("SIGUSR2", either(READY, FAILED));
  assert.match(line, READY);
  const next = pidIn(`${field.pidfile}.2`);
  assert.ok(alive(next), `the new arbiter's pid, in FILE.2: ${next}`);
  await field.tell("SIGTERM", PROMOTED);
  await until("the old arbiter's end", () => !alive(old), UPGRADE_MS);
  await until("the new pid in FILE", () => pidIn(field.pidfile) === next);
  assert.ok(Number.isNaN(pidIn(`${field.pidfile}.2`)), "FILE.2 is gone");
  field.arbiter = next;
}

async function failOnce(field: Field): Promise<void> {
  const before = field.workers();
  field.write(`throw new Error("no database");\n`);
  const [line] = await field.tell("SIGUSR2", either(READY, FAILED));
  assert.match(line, FAILED);
  field.write(GOOD);
  await field.settle();
  assert.deepEqual(field.workers(), before);
  assert.equal(pidIn(field.pidfile), field.arbiter);
}

function either(one: RegExp, other: RegExp): RegExp {
  return new RegExp(`(${one.source}|${other.source}).*`);
}

export const upgrade: Trial = {
  about: `USR2, then TERM to the old arbiter; one of them to broken code`,
  events: 20,
  quick: BROKEN + 2,
  begin: (field) => ({
    event: (number) => number === BROKEN ? failOnce(field) : upgradeOnce(field),
  }),
};
