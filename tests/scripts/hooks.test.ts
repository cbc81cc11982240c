import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { hooksTable, hookTexts } from "../../scripts/hooks.ts";
import { HOOKS } from "../../src/hooks/names.ts";

const hooks = suite("hooks page");

hooks("each hook has a row, in the table of its process", () => {
  assert.equal(Object.keys(hookTexts).sort(), [...HOOKS].sort());
  const tables = hooksTable("arbiter") + hooksTable("worker");
  for (const name of HOOKS) {
    const { when, waits, thrown } = hookTexts[name];
    assert.is(tables.split(`| \`${name}(`).length, 2, name);
    assert.ok(when && waits && thrown, name);
  }
});

hooks.run();
