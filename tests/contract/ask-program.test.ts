import { chmodSync } from "node:fs";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { askBy } from "../../src/arbiter/generations/ask-program.ts";
import { runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";

const asking = promises(`askBy() on ${runtime.name}`);
const ask = askBy(runtime);

asking(
  "askBy() gives what a program prints on its standard output",
  async (lab) => {
    const program = lab.write(
      "accounts",
      '#!/bin/sh\necho ignored >&2\necho "$1:$2"\n',
    );
    chmodSync(program, 0o755);
    assert.is(await ask(program, ["passwd", "jane doe"]), "passwd:jane doe\n");
  },
);

asking("askBy() gives nothing where it fails or is not there", async (lab) => {
  const program = lab.write("accounts", "#!/bin/sh\necho jane\nexit 2\n");
  chmodSync(program, 0o755);
  assert.is(await ask(program, []), undefined);
  assert.is(await ask(`${lab.folder}/missing`, []), undefined);
});

asking("askBy() finds getent(1) where the system has it", async (lab) => {
  const row = await ask("getent", ["passwd", String(process.getuid?.())]);
  if (row === undefined) return lab.skip("this system has no getent");
  assert.match(row, /^[^:]+:[^:]*:\d+:\d+:/);
  assert.is(await ask("getent", ["passwd", "no-such-user"]), undefined);
});

asking.run();
