import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { runtimeFlags } from "../../../src/arbiter/command/runtime-flags.ts";

const flags = suite("runtime flags");

const GIVEN = {
  import: ["./trace.mjs"],
  require: ["./patch.cjs"],
  conditions: ["edge"],
  envFile: ["/srv/a.env", "/srv/b.env"],
};

for (
  const [runtime, require, load] of [
    ["node", "--require", "--import"],
    ["bun", "--preload", "--preload"],
    ["deno", "--preload", "--preload"],
  ] as const
) {
  flags(`runtimeFlags() speaks as ${runtime} does`, () => {
    assert.equal(runtimeFlags(GIVEN, runtime), [
      "--env-file=/srv/a.env",
      "--env-file=/srv/b.env",
      "--conditions=edge",
      `${require}=./patch.cjs`,
      `${load}=./trace.mjs`,
    ]);
  });
}

flags("runtimeFlags() gives none where nothing is asked for", () => {
  const none = { import: [], require: [], conditions: [], envFile: [] };
  assert.equal(runtimeFlags(none, "deno"), []);
});

flags.run();
