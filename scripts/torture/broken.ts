/** Reloads to code that cannot serve: the old generation does. */
import { strict as assert } from "node:assert";
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
