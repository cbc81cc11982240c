import process from "node:process";
import { BUILT_VARIABLE } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { commandFor } from "../support/process/command.ts";
import { suite } from "../support/suite.ts";

const command = suite("how tests start corn");

function scriptWhen(built: string | undefined, script: string): string {
  const before = process.env[BUILT_VARIABLE];
  delete process.env[BUILT_VARIABLE];
  if (built !== undefined) process.env[BUILT_VARIABLE] = built;
  const path = commandFor("node", script).at(-1) ?? "";
  delete process.env[BUILT_VARIABLE];
  if (before !== undefined) process.env[BUILT_VARIABLE] = before;
  return path;
}

command("commandFor() starts the package's modules once they are built", () => {
  assert.match(scriptWhen("1", "mod.ts"), /\/dist\/mod\.js$/);
  assert.match(
    scriptWhen("1", "examples/library.ts"),
    /examples\/library\.ts$/,
  );
});

command("commandFor() starts the source where nothing was built", () => {
  assert.match(scriptWhen(undefined, "mod.ts"), /\/mod\.ts$/);
  assert.not.match(scriptWhen(undefined, "mod.ts"), /dist/);
});

command.run();
