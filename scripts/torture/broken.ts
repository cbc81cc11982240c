/** Reloads to code that cannot serve: the old generation does. */
import { strict as assert } from "node:assert";
import { isCut } from "../../tests/support/process/in-hand.ts";
import { sleep } from "../../tests/support/wait.ts";
import { GOOD } from "./field.ts";
import type { Field } from "./field.ts";
import { OUTCOME, reload } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Ways for code to be broken. */
export const ways: Readonly<Record<string, string>> = {
  throws: `throw new Error("no database");\n`,
  hangs: `setInterval(() => {}, 1000);\nawait new Promise(() => {});\n${GOOD}`,
  exits: `import process from "node:process";\nprocess.exit(0);\n${GOOD}`,
  spins: `while (true);\n`,
};

async function breakOnce(field: Field, code: string): Promise<void> {
  const before = field.workers();
  field.write(code);
  const [line, how] = await field.tell("SIGHUP", OUTCOME);
  assert.equal(how, "failed", line);
  await field.settle();
  assert.deepEqual(field.workers(), before);
}

export const breakReloads: Trial = {
  about: "reloads to code that throws, hangs, exits or spins, then a good one",
  args: ["--boot-timeout", "3"],
  events: 20,
  quick: 4,
  begin: (field) => ({
    async event(number) {
      const names = Object.keys(ways);
      const name = names[number % names.length] as string;
      await field.settle();
      await breakOnce(field, ways[name] as string);
      field.write(GOOD);
      if (number % names.length === names.length - 1) await reload(field);
    },
  }),
};

/** Serves for a moment, then dies. */
const DIES = `import process from "node:process";
setTimeout(() => process.exit(1), 300);
${GOOD}`;
/** How long workers that die are left to it. */
const DYING_MS = 3000;

/**
 * What a dying worker had in hand fails, and nobody else knows which requests
 * that were: an answer that was cut off on a connection of no worker that lives on.
 */
export const dieOnceReady: Trial = {
  about: "reloads to code that gets ready and dies, then a good one",
  events: 5,
  quick: 1,
  begin(field) {
    const proven = new Set<number>();
    return {
      async event() {
        await field.settle();
        const before = field.workers();
        for (const pid of before) proven.add(pid);
        field.write(DIES);
        await field.tell("SIGHUP", /Reload begins/);
        await sleep(DYING_MS);
        const left = before.filter((pid) => field.workers().includes(pid));
        field.write(GOOD);
        await field.tell("SIGHUP", OUTCOME);
        assert.ok(left.length > 0, "nobody of the old generation serves on");
      },
      excuses: (failure) => isCut(failure) && !proven.has(failure.worker ?? 0),
    };
  },
};
