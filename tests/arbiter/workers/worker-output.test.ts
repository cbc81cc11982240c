import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { logPrinted } from "../../../src/arbiter/workers/worker-output.ts";

const output = suite("logPrinted()");

function begin() {
  const lines: string[] = [];
  const printed = logPrinted({
    output: (stream, line, pid) => void lines.push(`${pid} ${stream} ${line}`),
  });
  return { lines, printed };
}

output("writes whole lines of each stream, as they come", () => {
  const { lines, printed } = begin();
  printed.take("stdout", "one\nt", 7);
  printed.take("stderr", "three\n", 7);
  assert.equal(lines, ["7 stdout one", "7 stderr three"]);
  printed.take("stdout", "wo\n", 7);
  assert.equal(lines.at(-1), "7 stdout two");
});

output("writes the last lines of both streams, though they have no end", () => {
  const { lines, printed } = begin();
  printed.take("stdout", "out", 7);
  printed.take("stderr", "err", 7);
  printed.flush(7);
  printed.flush(7);
  assert.equal(lines, ["7 stdout out", "7 stderr err"]);
});

output.run();
