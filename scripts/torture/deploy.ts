/** Deploys: the link that corn was started by is moved, and what it named is deleted. */
import { strict as assert } from "node:assert";
import { readlinkSync } from "node:fs";
import type { Field } from "./field.ts";
import { reload } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Deletes the old release after the reload, or before a worker is started that would be of it. */
async function deployOnce(field: Field, early: boolean): Promise<void> {
  const old = field.release;
  field.deploy();
  if (early) field.removeRelease(old);
  await field.tell("SIGTTIN", / ready in /);
  // It brings the pool back to its size.
  await reload(field);
  await field.settle();
  field.removeRelease(old);
  for (const worker of field.workers()) {
    assert.equal(readlinkSync(`/proc/${worker}/cwd`), field.release);
  }
}

export const deploy: Trial = {
  about: "moved links and deleted releases, TTIN, HUP",
  events: 30,
  quick: 4,
  begin: (field) => ({
    event: (number) => deployOnce(field, number % 2 === 1),
  }),
};
