/** Standard output is a pipe that is read now and then, and not at all for long. */
import { strict as assert } from "node:assert";
import { makeReader } from "../../tests/support/process/stuck.ts";
import { until } from "../../tests/support/wait.ts";
import type { Field } from "./field.ts";
import { reload } from "./trial.ts";
import type { Run, Trial } from "./trial.ts";

/** What the log says of lines that nobody read. */
const LOST = /(\d+) lines? (?:is|are) (?:missing|lost)/;
const REPLACED = /will be replaced after/g;

export const stuckReader: Trial = {
  about: "an access log that nobody reads, while workers are replaced",
  args: ["--access-logfile", "-", "--max-requests", "500"],
  events: 30,
  quick: 4,
  read: (folder) => makeReader("pipe", folder, "1"),
  begin,
};

function begin(field: Field): Run {
  const { reader } = field;
  const replaced = () => field.log().match(REPLACED)?.length ?? 0;
  return {
    async event(number) {
      const before = replaced();
      await until("a replacement", () => replaced() > before, 60_000);
      // Read once in a while, and never for more than what is there.
      if (number % 3 === 2) reader?.read();
      if (number % 10 === 1) await reload(field);
    },
    async end() {
      await until("the line of lost lines", () => LOST.test(field.log()));
      const lost = [...field.log().matchAll(new RegExp(LOST, "g"))];
      const count = lost.reduce((sum, [, lines]) => sum + Number(lines), 0);
      assert.ok(count > 0);
      return `${count} lines lost and counted`;
    },
    close: () => void reader?.[Symbol.asyncDispose](),
  };
}
