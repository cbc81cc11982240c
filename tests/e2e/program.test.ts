import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";
import { within } from "../support/wait.ts";

const program = promises("serve()");

program(
  "a program starts, asks, reloads and stops corn",
  async ({ run, folder, forgive }) => {
    const app = join(folder, "app.ts");
    forgive(app);
    const command = run({ script: "tests/fixtures/program.ts", args: [app] });
    const { code } = await within(
      "the end of the program",
      command.ended,
      15_000,
    );
    assert.is(code, 0);
    const facts = Object.fromEntries(
      command.output().trim().split("\n").map((line) => JSON.parse(line)),
    );
    assert.match(facts.addresses[0], /^http:\/\/127\.0\.0\.1:\d+$/);
    delete facts.addresses;
    for (const slots of ["slots", "slots at last"]) facts[slots].sort();
    assert.equal(facts, {
      answer: "one",
      slots: [1, 2],
      reloaded: "two",
      generations: [2],
      rejected: true,
      after: "two",
      "slots at last": [1, 2, 3],
      "slots scaled": [1],
      "scaled to none": true,
      done: 0,
      left: 0,
      disposed: 0,
      refused: 4,
    });
  },
);

program.run();
